using System.Text;

namespace Orrery.Gateway.Tests.Fuzzing;

/// <summary>Makes bodies from valid requests by changing them at random.</summary>
internal sealed class Mutator(Random random)
{
    private static readonly byte[][] Seeds =
    [
        .. new[]
        {
            """{"jsonrpc":"2.0","method":"calculator/sum","params":[1,2,4],"id":1}""",
            """{"jsonrpc":"2.0","method":"calculator/worker-1/subtract","params":{"minuend":42,"subtrahend":23},"id":"a\u0062c"}""",
            """{"jsonrpc":"2.0","method":"echo/say","params":{"text":"h\u00e9llo \ud83d\udc0e","n":-1},"id":12345678901234567890}""",
            """{"jsonrpc":"2.0","method":"echo/worker/say","params":["žluť",9223372036854775806],"id":null}""",
            """{"jsonrpc":"2.0","method":"probe/take_order","params":{"value":{"number":"A-1","customer":{"full_name":"Ada","born":"1815-12-10"},"lines":[{"sku":"x","quantity":2,"unit_price":1.50,"shade":"dark_blue"}]}},"id":2.5}""",
            """{"jsonrpc":"2.0","method":"probe/worker-1/choose","params":[1,"x","red",3,1.5,true],"id":3}""",
            """{"jsonrpc":"2.0","method":"probe/take_dictionary","params":[{"a":1,"b":2}],"id":4}""",
            """{"jsonrpc":"2.0","method":"probe/take_time","params":["2026-01-02T03:04:05.678+01:00"],"id":5}""",
            """{"jsonrpc":"2.0","method":"probe/take_uuid","params":["0b8b2a1e-7d3c-4b52-9a8f-6a1de8f3c7aa"],"id":6}""",
            """{"jsonrpc":"2.0","method":"probe/worker-1/take_bytes","params":["AAECAw=="],"id":7}""",
            """{"jsonrpc":"2.0","method":"probe/take_double","params":[1.5e300],"id":8}""",
            """{"jsonrpc":"2.0","method":"probe/take_decimal","params":{"value":79228162514264337593543950335},"id":9}""",
            """{"jsonrpc":"2.0","method":"specification/update","params":[1,2,3]}""",
            """{"jsonrpc":"2.0","method":"rpc.discover","id":10}""",
            """[{"jsonrpc":"2.0","method":"calculator/sum","params":[1],"id":1},{"jsonrpc":"2.0","method":"specification/notify_hello","params":[7]},{"jsonrpc":"2.0","method":"probe/worker-1/where","id":"z"}]""",
        }.Select(Encoding.UTF8.GetBytes),
    ];

    private static readonly byte[][] Tokens =
    [
        .. new[]
        {
            "\"", "\\", "{", "}", "[", "]", ",", ":", "null", "true", "1e999", "-0", "1E-400", "\\u0000", "\\ud800", "\\udfff", "\u2028", "\0", "\"id\":{}", "\"id\":1,", "\"params\":", "//", "/**/",
            "NaN", "99999999999999999999999999", "0.1", "\"jsonrpc\":\"2.0\",", " ", "\r\n", "\ufeff", "/", "rpc.", "@", "@worker", "worker-1", "worker", "..", "%2f",
        }.Select(Encoding.UTF8.GetBytes),
        [0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80],
    ];

    private static readonly string[] Methods =
    [
        "calculator/sum", "calculator/worker-1/subtract", "echo/say", "echo/worker/say", "probe/choose", "probe/worker-1/count", "probe/where", "no_such/method", "probe/no-such-node/where",
        .. from type in new[] { "bool", "byte", "int", "long", "ulong", "decimal", "double", "float", "string", "time", "date", "duration", "uuid", "shade", "bytes", "nullable", "nullable_string", "list", "numbers", "dictionary", "order" }
           from target in new[] { "", "worker-1/" }
           select $"probe/{target}take_{type}",
    ];

    private static readonly string[] Names =
        ["jsonrpc", "method", "params", "id", "value", "text", "n", "values", "minuend", "subtrahend", "first", "shade", "number", "customer", "full_name", "lines", "x", "", "\\ud800abc", "valu\\u0065"];

    private static readonly string[] Scalars =
    [
        "null", "true", "false", "0", "-1.25e+10", "1e999", "1e-999", "-0", "256", "2147483648", "9223372036854775808", "79228162514264337593543950336", "0.1", "\"\"", "\"red\"", "\"dark_blue\"", "\"1\"", "\"AAEC\"", "\"NaN\"",
        "\"2026-01-02\"", "\"2026-01-02T03:04:05Z\"", "\"9999-12-31T23:59:59.9999999-14:00\"", "\"1.02:03:04\"", "\"0b8b2a1e-7d3c-4b52-9a8f-6a1de8f3c7aa\"", "\"calculator/sum\"", "\"\\ud83d\\udc0e\"",
    ];

    public byte[] Next() => random.Next(8) switch
    {
        0 => Encoding.UTF8.GetBytes(Tree(depth: 0)),
        1 or 2 or 3 => Encoding.UTF8.GetBytes(Request()),
        4 => Change(Encoding.UTF8.GetBytes(Request())),
        _ => Changed(Pick(Seeds)),
    };

    private byte[] Changed(byte[] body)
    {
        for (var changes = random.Next(1, 4); changes > 0; changes--)
        {
            body = Change(body);
        }

        return body;
    }

    private byte[] Change(byte[] body)
    {
        var (from, to) = Range(body.Length);
        return random.Next(11) switch
        {
            0 => Flip(body),
            1 => body[..to],
            2 => body[from..],
            3 => [.. body[..from], .. body[to..]],
            4 => [.. body[..to], .. body[from..]],
            5 => [.. body[..from], .. Pick(Tokens), .. body[from..]],
            6 => [.. body[..from], .. Pick(Tokens), .. body[to..]],
            7 => [.. body[..from], .. Part(Pick(Seeds)), .. body[to..]],
            8 => [.. body[..from], .. Encoding.UTF8.GetBytes(Tree(depth: 0)), .. body[to..]],
            9 => [.. body[..from], .. Enumerable.Repeat((byte)"[{\"0 "[random.Next(5)], random.Next(1, 2000)), .. body[from..]],
            _ => Batch(body),
        };
    }

    private byte[] Flip(byte[] body)
    {
        byte[] flipped = [.. body];
        for (var flips = random.Next(1, 4); flips > 0 && flipped.Length > 0; flips--)
        {
            flipped[random.Next(flipped.Length)] ^= (byte)(1 << random.Next(8));
        }

        return flipped;
    }

    private byte[] Batch(byte[] body)
    {
        var entries = Enumerable.Range(0, random.Next(20) == 0 ? 101 : random.Next(4)).Select(_ => random.Next(2) == 0 ? body : Pick(Seeds));
        return [(byte)'[', .. entries.SelectMany((entry, n) => n == 0 ? entry : entry.Prepend((byte)',')), (byte)']'];
    }

    private byte[] Part(byte[] body)
    {
        var (from, to) = Range(body.Length);
        return body[from..to];
    }

    private (int From, int To) Range(int length)
    {
        var one = random.Next(length + 1);
        var other = random.Next(length + 1);
        return one <= other ? (one, other) : (other, one);
    }

    private string Request() =>
        $$"""{"jsonrpc":"2.0","method":"{{Pick(Methods)}}","params":{{Parameters()}},"id":{{Pick(Scalars)}}}""";

    private string Parameters() => random.Next(4) switch
    {
        0 => Array(depth: 1),
        1 => Object(depth: 1),
        2 => $"[{Tree(depth: 1)}]",
        _ => $$"""{"value":{{Tree(depth: 1)}}}""",
    };

    private string Tree(int depth) => random.Next(depth > 6 ? 4 : 7) switch
    {
        0 or 1 => Pick(Scalars),
        2 => $"{random.NextInt64(long.MinValue, long.MaxValue)}",
        3 => $"\"{(char)random.Next('a', 'z')}\\u{random.Next(0x10000):x4}\"",
        4 => Array(depth),
        5 => Object(depth),
        _ => $$"""{"jsonrpc":"2.0","method":{{Tree(depth + 1)}},"params":{{Tree(depth + 1)}},"id":{{Tree(depth + 1)}}}""",
    };

    private string Array(int depth) => $"[{string.Join(',', Enumerable.Range(0, random.Next(5)).Select(_ => Tree(depth + 1)))}]";

    private string Object(int depth) => $$"""{{{string.Join(',', Enumerable.Range(0, random.Next(5)).Select(_ => $"\"{Pick(Names)}\":{Tree(depth + 1)}"))}}}""";

    private T Pick<T>(T[] from) => from[random.Next(from.Length)];
}
