using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;

namespace Orrery.Rpc.Security;

/// <summary>
/// What is read from files that may be replaced while the program runs. It looks at them when somebody asks, once a second
/// at most; what can't be read leaves the last good value in use, and is logged once.
/// </summary>
/// <typeparam name="T">What the files hold.</typeparam>
public sealed partial class WatchedFiles<T>
    where T : class
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    private readonly string[] _paths;
    private readonly Func<IReadOnlyList<byte[]>, T> _read;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _looking = new();
    private byte[][] _seen;
    private long _lastLook;
    private volatile T _current;
    private string? _problem;

    /// <summary>Reads the files for the first time.</summary>
    /// <param name="key">The key of the configuration that names them.</param>
    /// <param name="paths">Their names.</param>
    /// <param name="read">Makes the value of what is in them, in their order.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Told of each change, and of what is wrong with it; never of what is in the files.</param>
    /// <exception cref="OptionsValidationException">They can't be read, or hold something else.</exception>
    public WatchedFiles(string key, IEnumerable<string> paths, Func<IReadOnlyList<byte[]>, T> read, TimeProvider time, ILogger logger)
    {
        _paths = [.. paths];
        _read = read;
        _time = time;
        _logger = logger;
        _lastLook = time.GetTimestamp();
        try
        {
            _seen = Contents();
            _current = read(_seen);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            throw new OptionsValidationException(key, typeof(T), [$"{key}: {string.Join(", ", _paths)} can't be used: {exception.Message}"]);
        }
    }

    /// <summary>The value of the files as they are now, or as they were when they could last be read.</summary>
    public T Current
    {
        get
        {
            if (_time.GetElapsedTime(Volatile.Read(ref _lastLook)) >= Interval && _looking.TryEnter())
            {
                try
                {
                    Look();
                }
                finally
                {
                    _looking.Exit();
                }
            }

            return _current;
        }
    }

    // The files and not their dates: what mounts secrets swaps links, and dates lie.
    private void Look()
    {
        Volatile.Write(ref _lastLook, _time.GetTimestamp());
        try
        {
            var contents = Contents();
            if (!contents.Zip(_seen).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second)))
            {
                // Also when it is bad: a certificate and its key are replaced one after the other, and looked at again then.
                _seen = contents;
                _current = _read(contents);
                LogRead(string.Join(", ", _paths));
            }

            _problem = null;
        }
        catch (Exception exception)
        {
            if (exception.Message != _problem)
            {
                LogUnreadable(string.Join(", ", _paths), exception.Message);
            }

            _problem = exception.Message;
        }
    }

    private byte[][] Contents() => [.. _paths.Select(File.ReadAllBytes)];

    [LoggerMessage(LogLevel.Information, "Read again, because they have changed: {Files}")]
    private partial void LogRead(string files);

    [LoggerMessage(LogLevel.Error, "{Files} have changed and can't be used, so what was in them before stays in use: {Problem}")]
    private partial void LogUnreadable(string files, string problem);
}
