using System.Globalization;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace Orrery.Gateway.Security;

/// <summary>
/// The command <c>token</c>: prints a token for trying things out, signed with the secret in a file, which it makes if there is
/// none. A gateway with <c>Orrery:Authentication:Secret_FILE</c> set to that file takes it.
/// </summary>
public static class DevelopmentToken
{
    /// <summary>The word that makes a program's arguments those of this command.</summary>
    public const string Command = "token";

    private const string Usage = "token [--subject NAME] [--permissions 'orders/* registry/*'] [--hours N] [--secret-file FILE]";
    private const int SecretBytes = 48;
    private const double MostHours = 24 * 30;

    /// <summary>Runs the command, and gives the exit code.</summary>
    /// <param name="args">The arguments after the word.</param>
    /// <param name="time">The clock.</param>
    public static int Run(IReadOnlyList<string> args, TimeProvider time)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(time);
        var options = new Dictionary<string, string> { ["--subject"] = "developer", ["--permissions"] = "*", ["--hours"] = "8", ["--secret-file"] = "orrery.secret" };
        for (var i = 0; i < args.Count; i += 2)
        {
            if (i + 1 == args.Count || !options.ContainsKey(args[i]))
            {
                return Refuse($"'{args[i]}' is no argument, or lacks its value.");
            }

            options[args[i]] = args[i + 1];
        }

        if (!double.TryParse(options["--hours"], NumberStyles.Float, CultureInfo.InvariantCulture, out var hours) || hours is not (> 0 and <= MostHours))
        {
            return Refuse($"--hours must be a number up to {MostHours}.");
        }

        var file = options["--secret-file"];
        try
        {
            Console.WriteLine(Make(ReadSecret(file), options["--subject"], options["--permissions"], time.GetUtcNow().AddHours(hours)));
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return Refuse($"The secret in '{file}' can't be used: {exception.Message}");
        }

        Console.Error.WriteLine($"A gateway takes it that is started with the environment variable Orrery__Authentication__Secret_FILE={file}");
        return 0;
    }

    private static string Make(string secret, string subject, string permissions, DateTimeOffset expires) => new JsonWebTokenHandler().CreateToken(new SecurityTokenDescriptor
    {
        Issuer = TokenSettings.DefaultName,
        Audience = TokenSettings.DefaultName,
        Subject = new ClaimsIdentity([new Claim("sub", subject), new Claim("scope", permissions)]),
        Expires = expires.UtcDateTime,
        SigningCredentials = new SigningCredentials(new SymmetricSecurityKey(Encoding.UTF8.GetBytes(secret)), SecurityAlgorithms.HmacSha256),
    });

    private static string ReadSecret(string file)
    {
        if (!File.Exists(file))
        {
            var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
            if (!OperatingSystem.IsWindows())
            {
                options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            }

            using var writer = new StreamWriter(file, options);
            writer.WriteLine(Convert.ToBase64String(RandomNumberGenerator.GetBytes(SecretBytes)));
        }

        return File.ReadAllText(file).Trim() is { Length: >= TokenSettings.LeastSecretBytes } secret ? secret : throw new ArgumentException($"it has less than {TokenSettings.LeastSecretBytes} bytes");
    }

    private static int Refuse(string problem)
    {
        Console.Error.WriteLine(problem);
        Console.Error.WriteLine(Usage);
        return 2;
    }
}
