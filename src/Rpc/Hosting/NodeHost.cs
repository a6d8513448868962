using System.Data.Common;
using System.Net.Sockets;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Orrery.Rpc.Membership;

namespace Orrery.Rpc.Hosting;

/// <summary>Runs a host, and turns what stops its start into a message for the operator instead of a stack trace.</summary>
public static class NodeHost
{
    /// <summary>The exit code of a start that its settings or services made impossible (sysexits' <c>EX_CONFIG</c>).</summary>
    public const int RefusedToStart = 78;

    /// <summary>
    /// Builds the host and runs it until it is told to stop; told so by a second signal, the process ends at once, with 128
    /// and the signal's number. Gives the exit code.
    /// </summary>
    /// <param name="args">The program's arguments: with <c>--help</c> it prints the settings and runs nothing.</param>
    /// <param name="build">Makes the host.</param>
    public static async Task<int> RunAsync(string[] args, Func<IHost> build)
    {
        ArgumentNullException.ThrowIfNull(args);
        ArgumentNullException.ThrowIfNull(build);
        if (args.Contains("--help"))
        {
            Console.WriteLine(NodeCommandLine.Help);
            return 0;
        }

        var startProfile = StartProfile.Begin();
        using var secondSignal = new SecondSignal();
        var stopping = CancellationToken.None;
        try
        {
            var host = build();
            stopping = host.Services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping;
            await StartAsync(host);
            startProfile?.HasStarted();
            secondSignal.BeToldFirst();
            using (host)
            {
                await host.WaitForShutdownAsync(CancellationToken.None);
            }

            return 0;
        }
        catch (Exception exception) when (stopping.IsCancellationRequested && IsCancelled(exception))
        {
            // Told to stop while it was starting, or out of time to stop: it did what it was told all the same.
            return 0;
        }
        catch (OptionsValidationException exception)
        {
            return Refuse(exception.Failures);
        }
        catch (InvalidOperationException exception) when (exception.Source == typeof(ConfigurationBinder).Assembly.GetName().Name)
        {
            return Refuse([exception.Message]);
        }
        catch (DbException exception)
        {
            // It went away between the look at it and the start. Whoever runs the node starts it again, and it waits then.
            Console.Error.WriteLine($"The database went away while the node started: {exception.GetBaseException().Message}");
            return FatalErrorHandler.ExitCode;
        }
        catch (RpcException exception) when (exception.Reason == RpcErrorReason.StateUnavailable)
        {
            Console.Error.WriteLine($"The node could not read which of its services are stopped. {exception.Message}");
            return FatalErrorHandler.ExitCode;
        }
        catch (Exception exception) when (AddressInUse(exception))
        {
            return Refuse([$"{exception.Message} Another program listens there: stop it, or choose other ports with --urls, --silo-port, --client-port and --Orrery:ManagementUrl."]);
        }
    }

    // A host that did not start is not taken apart: Orleans would log errors about that, behind the message that counts. It
    // ends with the process; only its log is written to the end.
    private static async Task StartAsync(IHost host)
    {
        try
        {
            await host.StartAsync();
        }
        catch
        {
            host.Services.GetRequiredService<ILoggerFactory>().Dispose();
            throw;
        }
    }

    // Of several services that were cut short the host tells all at once.
    private static bool IsCancelled(Exception exception) =>
        exception is OperationCanceledException || (exception is AggregateException several && several.InnerExceptions.All(IsCancelled));

    private static bool AddressInUse(Exception? exception) =>
        exception is SocketException { SocketErrorCode: SocketError.AddressAlreadyInUse } || (exception is not null && AddressInUse(exception.InnerException));

    private static int Refuse(IEnumerable<string> problems)
    {
        Console.Error.WriteLine("The node can't start:");
        foreach (var problem in problems)
        {
            Console.Error.WriteLine($"  {problem}");
        }

        return RefusedToStart;
    }
}
