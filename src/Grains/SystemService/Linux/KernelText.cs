using System.Globalization;

namespace Orrery.Grains.SystemService.Linux;

/// <summary>Takes the words and numbers out of what a kernel file says, without copies.</summary>
internal static class KernelText
{
    private static ReadOnlySpan<byte> Blanks => " \t\n"u8;

    /// <summary>Takes the next word off the text; empty at its end.</summary>
    public static ReadOnlySpan<byte> TakeWord(this ref ReadOnlySpan<byte> text)
    {
        text = text.TrimStart(Blanks);
        var end = text.IndexOfAny(Blanks);
        var word = end < 0 ? text : text[..end];
        text = text[word.Length..];
        return word;
    }

    /// <summary>Takes the next word off the text as a count; null when it is none. One too large for a long is the largest long.</summary>
    public static long? TakeCount(this ref ReadOnlySpan<byte> text) =>
        ulong.TryParse(text.TakeWord(), NumberStyles.None, CultureInfo.InvariantCulture, out var count) ? (long)Math.Min(count, long.MaxValue) : null;

    /// <summary>Takes the next word off the text as a number with decimals; null when it is none.</summary>
    public static double? TakeDecimal(this ref ReadOnlySpan<byte> text) =>
        double.TryParse(text.TakeWord(), NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number) ? number : null;

    /// <summary>Takes as many counts off the text as there is room for.</summary>
    /// <returns>How many there were before the text ended or went on with something else.</returns>
    public static int TakeCounts(this ref ReadOnlySpan<byte> text, scoped Span<long> counts)
    {
        for (var i = 0; i < counts.Length; i++)
        {
            if (text.TakeCount() is not { } count)
            {
                return i;
            }

            counts[i] = count;
        }

        return counts.Length;
    }

    /// <summary>Gives the count after a line's first word; null when no line begins with it.</summary>
    public static long? CountOf(ReadOnlySpan<byte> text, ReadOnlySpan<byte> name)
    {
        foreach (var range in text.Split((byte)'\n'))
        {
            var line = text[range];
            if (line.TakeWord().SequenceEqual(name))
            {
                return line.TakeCount();
            }
        }

        return null;
    }
}
