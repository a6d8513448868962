using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using System.Text.Encodings.Web;
using Microsoft.AspNetCore.Authentication.JwtBearer;
using Microsoft.AspNetCore.Http.Features.Authentication;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;
using Orrery.Rpc;
using Orrery.Rpc.Security;

namespace Orrery.Gateway.Security;

/// <summary>
/// Finds out who sends a request: by the application's own authentication if there is one, by a bearer token, or by a client
/// certificate. Where nothing of this is set up, everybody is <see cref="Caller.Unknown"/>.
/// </summary>
internal sealed class CallerIdentification(AuthenticationMeans means, Grants grants, TimeProvider time, IOptionsMonitor<JwtBearerOptions> bearer, ILoggerFactory loggers)
{
    private static readonly Identification Unknown = new(Caller.Unknown, null);
    private static readonly Identification Anonymous = new(Caller.Anonymous, null);

    // Read at once, so that keys which can't be used stop the start and not the first call.
    private readonly JwtBearerOptions _bearer = bearer.Get(TokenValidation.Scheme.Name);
    private readonly TokenCache _tokens = new(time);
    private readonly ConditionalWeakTable<X509Certificate2, Caller> _certificates = [];

    /// <summary>Gives the caller, or the error that the whole request gets.</summary>
    public ValueTask<Identification> IdentifyAsync(HttpContext context)
    {
        if (context.Features.Get<IHttpAuthenticationFeature>()?.User is { Identity.IsAuthenticated: true } user)
        {
            return new(grants.OfClaims(user) is { } caller ? new Identification(caller, null) : Invalid("names nobody"));
        }

        if (!means.AreAny)
        {
            return new(Unknown);
        }

        var header = context.Request.Headers.Authorization;
        if (header.Count == 0 || means.Tokens is null)
        {
            return new(context.Connection.ClientCertificate is { } certificate ? OfCertificate(certificate) : Anonymous);
        }

        return _tokens.Find(header.ToString(), out var hash) is { } known ? new(new Identification(known, null)) : CheckAsync(context, hash);
    }

    private async ValueTask<Identification> CheckAsync(HttpContext context, TokenCache.Hash hash)
    {
        var handler = new JwtBearerHandler(bearer, loggers, UrlEncoder.Default);
        await handler.InitializeAsync(TokenValidation.Scheme, context);
        var result = await handler.AuthenticateAsync();
        if (!result.Succeeded)
        {
            return await IsIssuerAwayAsync(context.RequestAborted) ? IssuerAway : Invalid(ProblemOf(result.Failure));
        }

        if (grants.OfClaims(result.Principal) is not { } caller)
        {
            return Invalid("names nobody");
        }

        _tokens.Keep(hash, caller, (result.Properties.ExpiresUtc ?? time.GetUtcNow()) + means.Tokens!.ClockSkew - time.GetUtcNow());
        return new Identification(caller, null);
    }

    // Without the keys of the issuer no token is good, and that says nothing about the token.
    private async Task<bool> IsIssuerAwayAsync(CancellationToken cancellationToken)
    {
        if (_bearer.ConfigurationManager is not { } discovery)
        {
            return false;
        }

        try
        {
            await discovery.GetConfigurationAsync(cancellationToken);
            return false;
        }
        catch (InvalidOperationException)
        {
            return true;
        }
    }

    private Identification OfCertificate(X509Certificate2 certificate)
    {
        if (!_certificates.TryGetValue(certificate, out var caller))
        {
            caller = grants.OfCertificate(certificate.GetNameInfo(X509NameType.DnsName, forIssuer: false)) ?? Caller.Anonymous;
            _certificates.AddOrUpdate(certificate, caller);
        }

        return new Identification(caller, null);
    }

    private static string ProblemOf(Exception? failure) => failure switch
    {
        SecurityTokenExpiredException => "has expired",
        SecurityTokenNotYetValidException => "is not valid yet",
        SecurityTokenNoExpirationException => "never expires",
        SecurityTokenInvalidAudienceException => "is for another audience",
        SecurityTokenInvalidIssuerException => "is of another issuer",
        SecurityTokenSignatureKeyNotFoundException or SecurityTokenInvalidSignatureException or SecurityTokenInvalidAlgorithmException => "is not signed by a key of the issuer",
        _ => "can't be read. Send it as: Authorization: Bearer, a space, and the token",
    };

    private static Identification Invalid(string problem) =>
        new(null, RpcError.NotExecuted(RpcErrorCode.Unauthenticated, RpcErrorReason.InvalidToken, $"The token {problem}."));

    private static Identification IssuerAway { get; } = new(null, RpcError.NotExecuted(
        RpcErrorCode.InternalError, RpcErrorReason.IssuerUnavailable, "The issuer of the tokens can't be reached, so no token can be checked.", retryable: true));
}

/// <summary>Who sends a request.</summary>
/// <param name="Caller">The caller; null when there is an error.</param>
/// <param name="Error">What answers the whole request.</param>
internal readonly record struct Identification(Caller? Caller, RpcError? Error);
