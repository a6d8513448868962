using System.Diagnostics;
using System.Net.Sockets;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Orrery.Load.Client;

/// <summary>Sockets of which some have something to read. For Linux and macOS.</summary>
internal sealed partial class SocketSet
{
    private const int Capacity = 1024;

    private Bits _bits;
    private int _count;

    /// <summary>Gives the number by which the set knows a socket.</summary>
    public static int NumberOf(Socket socket) => socket.Handle is var handle && handle < Capacity
        ? (int)handle
        : throw new LoadException($"There are more than {Capacity} open files. Take fewer connections.");

    public bool Contains(int socket) => (_bits[socket / 64] >> (socket % 64) & 1) == 1;

    public void Clear()
    {
        _bits = default;
        _count = 0;
    }

    public void Add(int socket)
    {
        _bits[socket / 64] |= 1UL << (socket % 64);
        _count = Math.Max(_count, socket + 1);
    }

    /// <summary>Waits until a socket can be read, or for so long; then the set has those that can.</summary>
    public void Wait(TimeSpan longest)
    {
        if (Select(_count, ref _bits, 0, 0, Pause.Exactly(longest), 0) <= 0)
        {
            // The time is up, or a signal came.
            Clear();
        }
    }

    [LibraryImport("libc", EntryPoint = "pselect")]
    private static partial int Select(int count, ref Bits read, nint written, nint exceptional, in Pause.Duration timeout, nint signals);

    // What POSIX calls an fd_set.
    [InlineArray(Capacity / 64)]
    private struct Bits
    {
        private ulong _first;
    }
}
