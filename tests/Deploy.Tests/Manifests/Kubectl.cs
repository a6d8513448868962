using System.Collections.Concurrent;
using System.Diagnostics;
using Orrery.Cluster.Tests.Processes;

namespace Orrery.Deploy.Tests.Manifests;

/// <summary>Builds folders of manifests as <c>kubectl apply -k</c> does.</summary>
internal static class Kubectl
{
    private static readonly ConcurrentDictionary<string, string> Built = new();

    /// <summary>The folder of the repository with the manifests.</summary>
    public static string Folder { get; } = Path.Combine(Repository.Root, "deploy", "k8s");

    private static string? Program { get; } = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator).Select(folder => Path.Combine(folder, "kubectl")).FirstOrDefault(File.Exists);

    /// <summary>Skips the test where there is no kubectl, unless <c>ORRERY_REQUIRE_KUBECTL</c> says that there must be one.</summary>
    public static void Require()
    {
        const string Missing = "kubectl is not installed (1.27 or later), and it builds the manifests.";
        Assert.False(Program is null && Environment.GetEnvironmentVariable("ORRERY_REQUIRE_KUBECTL") is "1", Missing);
        Assert.SkipWhen(Program is null, Missing);
    }

    /// <summary>Gives what a variant comes to, as YAML.</summary>
    public static string Build(Variant variant) => Built.GetOrAdd(variant.Name, _ => Build(variant.Folder()));

    /// <summary>Gives what the folder comes to.</summary>
    public static string Build(string folder)
    {
        Require();
        using var kubectl = Process.Start(new ProcessStartInfo(Program!, ["kustomize", folder]) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var errors = kubectl.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = kubectl.StandardOutput.ReadToEnd();
        kubectl.WaitForExit();
        Assert.True(kubectl.ExitCode == 0, $"kubectl kustomize {folder}: {errors.GetAwaiter().GetResult()}");
        return output;
    }
}
