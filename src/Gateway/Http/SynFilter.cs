using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Orrery.Gateway.Http;

/// <summary>
/// Keeps new connections from a socket that listens, on Linux. Closing it resets those that are made in that moment, with a
/// request on its way; so first none begins (whoever tries does so again a second later, and is refused), and those that are
/// half made get done.
/// </summary>
internal static class SynFilter
{
    // From Linux' asm-generic/socket.h.
    private const int SocketLevel = 1;
    private const int AttachFilter = 26;
    private const int InstructionLength = 8;

    // Classic BPF, which sees a TCP segment from its header on: the flags are its byte 13, and 2 is SYN.
    private static readonly byte[] Program =
    [
        .. Instruction(0x30, 0, 0, 13), // load that byte
        .. Instruction(0x45, 0, 1, 2), // not set: go to the last one
        .. Instruction(0x06, 0, 0, 0), // drop the segment
        .. Instruction(0x06, 0, 0, uint.MaxValue), // take all of it
    ];

    public static void Attach(Socket listener)
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        var program = GCHandle.Alloc(Program, GCHandleType.Pinned);
        try
        {
            // A sock_fprog: the number of instructions, and where they are.
            Span<byte> filter = stackalloc byte[2 * IntPtr.Size];
            filter.Clear();
            var length = (ushort)(Program.Length / InstructionLength);
            var address = program.AddrOfPinnedObject();
            MemoryMarshal.Write(filter, in length);
            MemoryMarshal.Write(filter[IntPtr.Size..], in address);
            listener.SetRawSocketOption(SocketLevel, AttachFilter, filter);
        }
        catch (SocketException)
        {
            // A sandbox may not have it: then a connection in the last moment is reset, as by any server.
        }
        finally
        {
            program.Free();
        }
    }

    private static byte[] Instruction(ushort code, byte ifTrue, byte ifFalse, uint constant)
    {
        var instruction = new byte[InstructionLength];
        MemoryMarshal.Write(instruction, in code);
        (instruction[2], instruction[3]) = (ifTrue, ifFalse);
        MemoryMarshal.Write(instruction.AsSpan(4), in constant);
        return instruction;
    }
}
