using System.IO.Enumeration;
using System.Text;

namespace Orrery.Grains.SystemService.Linux;

/// <summary>The files that the Linux kernel writes its figures into.</summary>
/// <param name="root">The folder that they are in: <c>/</c>, but for a test.</param>
/// <remarks>Not for two threads at once: they would share a buffer.</remarks>
internal sealed class KernelFiles(string root = "/")
{
    private const int LargestFile = 1 << 20;

    // What can be said of a file by its name is enough. The default options ask for more, one system call a file.
    private static readonly EnumerationOptions NamesOnly = new() { AttributesToSkip = 0 };

    private byte[] _buffer = new byte[16 * 1024];

    /// <summary>Reads a file. Good until the next one is read; empty when the file can't be read, up to 1 MiB when it is larger.</summary>
    public ReadOnlySpan<byte> Read(string path)
    {
        var file = Path.Join(root, path);
        try
        {
            // Looked for first: a missing file is common, and an exception a second is not cheap.
            return File.Exists(file) ? ReadExisting(file) : default;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return default;
        }
    }

    /// <summary>Reads a file as text; empty when it can't be read.</summary>
    public string ReadText(string path) => Encoding.UTF8.GetString(Read(path));

    /// <summary>Tells whether there is a file or a folder of that path.</summary>
    public bool Has(string path) => Path.Exists(Path.Join(root, path));

    /// <summary>Gives the names in a folder; none when it can't be read.</summary>
    public IReadOnlyList<string> Names(string folder) => Entries(folder, (ref entry) => entry.FileName.ToString(), static (ref _) => true) ?? [];

    /// <summary>Counts what has a number for its name in a folder; null when it can't be read.</summary>
    public int? CountNumbers(string folder) => Entries(folder, (ref _) => true, static (ref entry) => !entry.FileName.ContainsAnyExceptInRange('0', '9'))?.Count;

    private List<T>? Entries<T>(string folder, FileSystemEnumerable<T>.FindTransform transform, FileSystemEnumerable<T>.FindPredicate isWanted)
    {
        try
        {
            return [.. new FileSystemEnumerable<T>(Path.Join(root, folder), transform, NamesOnly) { ShouldIncludePredicate = isWanted }];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private ReadOnlySpan<byte> ReadExisting(string file)
    {
        // Shared with everybody, so that no lock is asked for.
        using var handle = File.OpenHandle(file, share: FileShare.ReadWrite | FileShare.Delete);
        var length = 0;
        while (RandomAccess.Read(handle, _buffer.AsSpan(length), length) is var read && read > 0)
        {
            length += read;
            if (length == LargestFile)
            {
                break;
            }

            if (length == _buffer.Length)
            {
                Array.Resize(ref _buffer, length * 2);
            }
        }

        return _buffer.AsSpan(0, length);
    }
}
