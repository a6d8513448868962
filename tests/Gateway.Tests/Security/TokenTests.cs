using System.Net;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Tokens;

namespace Orrery.Gateway.Tests.Security;

public sealed class TokenTests(GuardedGateway guarded) : IClassFixture<GuardedGateway>
{
    private static readonly TheoryData<string, Func<TestIssuer, string>, string> Wrong = new()
    {
        { "expired", issuer => issuer.Token(expiresIn: TimeSpan.FromMinutes(-2)), "has expired" },
        { "not valid yet", issuer => issuer.Token(validIn: TimeSpan.FromMinutes(5)), "is not valid yet" },
        { "never expires", issuer => issuer.Token(expiresIn: Timeout.InfiniteTimeSpan), "never expires" },
        { "another audience", issuer => issuer.Token(audience: "billing"), "another audience" },
        { "another issuer", issuer => issuer.Token(issuer: "https://evil.example"), "another issuer" },
        { "another RSA key", _ => { using var other = new TestIssuer(); return other.Token(); }, "is not signed by" },
        { "another EC key", _ => { using var other = new TestIssuer(); return other.Token(key: other.Ec); }, "is not signed by" },
        { "no subject", issuer => issuer.Token(subject: null), "names nobody" },
        { "a subject that would break a line of the log", issuer => issuer.Token(subject: "alice\nroot"), "names nobody" },
        { "a subject without end", issuer => issuer.Token(subject: new string('a', 300)), "names nobody" },
        { "a subject that looks like a certificate", issuer => issuer.Token(subject: "certificate:ops"), "names nobody" },
        { "tampered", issuer => issuer.Tampered(), "is not signed by" },
        { "not signed", issuer => issuer.Forge("""{"alg":"none","typ":"JWT"}""", _ => []), "" },
        { "not signed, in capitals", issuer => issuer.Forge("""{"alg":"NONE","typ":"JWT"}""", _ => []), "" },
        { "without algorithm", issuer => issuer.Forge("""{"typ":"JWT"}""", _ => [1, 2, 3]), "" },
        { "hashed with the public key", issuer => issuer.Forge("""{"alg":"HS256","typ":"JWT"}""", content => issuer.HashedWith(issuer.RsaPublicKey, content)), "" },
        { "hashed with the file of public keys", issuer => issuer.Forge("""{"alg":"HS256","typ":"JWT"}""", content => issuer.HashedWith(File.ReadAllText(issuer.PublicKeys), content)), "" },
        { "hashed with nothing", issuer => issuer.Forge("""{"alg":"HS256","typ":"JWT"}""", content => HMACSHA256.HashData(Array.Empty<byte>(), Encoding.UTF8.GetBytes(content))), "" },
        { "a key of its own in the header", issuer => issuer.Token(key: OwnKey()), "is not signed by" },
        { "an elliptic signature said to be RSA", issuer => Relabelled(issuer), "" },
        { "no token at all", _ => "", "can't be read" },
        { "garbage", _ => "a.b.c", "" },
        { "two parts", issuer => string.Join('.', issuer.Token().Split('.')[..2]), "can't be read" },
        { "huge", _ => new string('x', 20_000), "can't be read" },
    };

    public static IEnumerable<TheoryDataRow<string>> WrongTokens => Wrong.Select(row => new TheoryDataRow<string>(row.Data.Item1));

    [Theory]
    [MemberData(nameof(WrongTokens))]
    public async Task A_wrong_token_is_refused_also_where_none_is_needed(string what)
    {
        var (_, make, problem) = Wrong.Single(row => row.Data.Item1 == what).Data;
        var token = make(guarded.Issuer);

        foreach (var method in new[] { "guarded/open", "guarded/plain" })
        {
            var reply = await guarded.CallAsync(token, method);

            reply.Is(HttpStatusCode.Unauthorized, -32004, "invalid_token");
            Assert.Contains(problem, reply.Message, StringComparison.Ordinal);
            Assert.Equal("Bearer error=\"invalid_token\"", reply.Headers["WWW-Authenticate"]);
            Assert.True(token.Length == 0 || !reply.Text.Contains(token, StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData("Basic YWxpY2U6c2VjcmV0")]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("bearertoken")]
    [InlineData("Negotiate abc")]
    public async Task Another_kind_of_authorization_is_refused(string header)
    {
        var reply = await guarded.Gateway.Client.PostAsync("""{"jsonrpc":"2.0","method":"guarded/open","id":1}""", "Authorization", header);

        reply.Is(HttpStatusCode.Unauthorized, -32004, "invalid_token");
    }

    [Fact]
    public async Task Good_tokens_of_each_kind_of_key_tell_who_asks()
    {
        Assert.Equal("alice", (await guarded.CallAsync(guarded.Issuer.Token(), "guarded/plain")).Result.GetString());
        Assert.Equal("bob", (await guarded.CallAsync(guarded.Issuer.Token("bob", key: guarded.Issuer.Ec), "guarded/plain")).Result.GetString());
        Assert.Equal("robot", (await guarded.CallAsync(guarded.Issuer.Token(subject: null, claims: new Claim("client_id", "robot")), "guarded/plain")).Result.GetString());
    }

    [Fact]
    public async Task A_clock_that_is_a_little_off_does_not_matter()
    {
        var late = await guarded.CallAsync(guarded.Issuer.Token(expiresIn: TimeSpan.FromSeconds(-10)), "guarded/plain");
        var early = await guarded.CallAsync(guarded.Issuer.Token(validIn: TimeSpan.FromSeconds(15)), "guarded/plain");

        Assert.Equal("alice", late.Result.GetString());
        Assert.Equal("alice", early.Result.GetString());
    }

    [Fact]
    public async Task A_token_that_was_good_is_refused_when_it_has_expired()
    {
        // The clock may be off by half a minute.
        var token = guarded.Issuer.Token("short", expiresIn: TimeSpan.FromSeconds(-28));
        Assert.Equal("short", (await guarded.CallAsync(token, "guarded/plain")).Result.GetString());

        using var tick = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        while ((await guarded.CallAsync(token, "guarded/plain")).Status is HttpStatusCode.OK)
        {
            await tick.WaitForNextTickAsync(TestContext.Current.CancellationToken);
        }

        (await guarded.CallAsync(token, "guarded/plain")).Is(HttpStatusCode.Unauthorized, -32004, "invalid_token");
    }

    [Fact]
    public async Task Many_callers_at_once_are_never_taken_for_one_another()
    {
        var tokens = Enumerable.Range(0, 40).Select(i => (Id: $"caller-{i}", Token: guarded.Issuer.Token($"caller-{i}"))).ToArray();

        await Parallel.ForEachAsync(Enumerable.Range(0, 800), TestContext.Current.CancellationToken, async (i, _) =>
        {
            var (id, token) = tokens[i % tokens.Length];
            Assert.Equal(id, (await guarded.CallAsync(token, "guarded/worker-1/plain")).Result.GetString());
        });
    }

    [Fact]
    public async Task No_token_and_no_secret_gets_into_the_log()
    {
        var token = guarded.Issuer.Tampered();
        await guarded.CallAsync(token, "guarded/plain");
        await guarded.CallAsync(guarded.Issuer.Token(), "guarded/ship", """{"secret":"4711-parameter"}""");

        var refusals = guarded.Gateway.Scope.Errors.Refusals;

        Assert.Contains(refusals, line => line.Contains("invalid_token", StringComparison.Ordinal) && line.Contains("127.0.0.1", StringComparison.Ordinal));
        Assert.Contains(refusals, line => line.Contains("\"guarded/ship\"", StringComparison.Ordinal) && line.Contains("alice", StringComparison.Ordinal) && line.Contains("permission_denied", StringComparison.Ordinal));
        Assert.DoesNotContain(refusals, line => line.Contains(token, StringComparison.Ordinal) || line.Contains("eyJ", StringComparison.Ordinal) || line.Contains("4711", StringComparison.Ordinal));
    }

    private static SigningCredentials OwnKey()
    {
        var key = new RsaSecurityKey(RSA.Create(2048));
        return new SigningCredentials(key, SecurityAlgorithms.RsaSha256);
    }

    private static string Relabelled(TestIssuer issuer)
    {
        var signature = issuer.Token(key: issuer.Ec).Split('.')[2];
        return issuer.Forge("""{"alg":"RS256","typ":"JWT"}""", _ => Base64UrlEncoder.DecodeBytes(signature));
    }
}
