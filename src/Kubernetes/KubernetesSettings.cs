using System.Text.RegularExpressions;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using Orrery.Rpc.Hosting;

namespace Orrery.Kubernetes;

/// <summary><c>Orrery:Kubernetes:*</c>: where this node's pod is, and how to ask Kubernetes for the others.</summary>
/// <param name="Namespace">The namespace of the cluster's pods.</param>
/// <param name="Api">The address of the API; null when this pod has no access to it, so that others must watch.</param>
/// <param name="TokenFile">The file with the token for it, which is replaced now and then; null where none is asked for.</param>
/// <param name="CaFile">The certificates of the authority that its own comes from; null for those that the system trusts.</param>
internal sealed partial record KubernetesSettings(string Namespace, Uri? Api, string? TokenFile, string? CaFile)
{
    private const string Section = "Kubernetes";
    private const string NamespaceKey = $"{Section}:{nameof(Namespace)}";
    private const string ApiKey = $"{Section}:{nameof(Api)}";
    private const string TokenFileKey = $"{Section}:{nameof(TokenFile)}";
    private const string CaFileKey = $"{Section}:{nameof(CaFile)}";

    // Where Kubernetes puts them in every pod with a service account.
    private const string AccountFolder = "/var/run/secrets/kubernetes.io/serviceaccount";

    /// <summary>Reads them; null when this node is no pod.</summary>
    /// <exception cref="OptionsValidationException">One can't be used.</exception>
    public static KubernetesSettings? Read(IConfiguration configuration)
    {
        var settings = new Settings(configuration);
        settings.AllowOnly([nameof(Namespace), nameof(Api), nameof(TokenFile), nameof(CaFile)], Section);
        var read = settings.Text(NamespaceKey) is { } pods ? Read(configuration, settings, pods) : null;
        if (read is null && new[] { ApiKey, TokenFileKey, CaFileKey }.FirstOrDefault(key => settings.Text(key) is not null) is { } alone)
        {
            settings.Fail(NamespaceKey, $"it is not set, so {Settings.Section}:{alone} has no effect. Give the namespace of the node's pod, or leave both out");
        }

        settings.ThrowIfFailed();
        return read;
    }

    private static KubernetesSettings Read(IConfiguration configuration, Settings settings, string pods)
    {
        if (!NamespaceName().IsMatch(pods))
        {
            settings.Fail(NamespaceKey, $"'{pods}' can't be a namespace. Give the pod's own: in its manifest, from the field metadata.namespace");
        }

        return settings.Text(ApiKey) is { } text ? Given(settings, pods, text) : InCluster(configuration, settings, pods);
    }

    private static KubernetesSettings Given(Settings settings, string pods, string text)
    {
        var tokenFile = File(settings, TokenFileKey);
        if (!Uri.TryCreate(text, UriKind.Absolute, out var api) || !(api.Scheme == Uri.UriSchemeHttps || (api.Scheme == Uri.UriSchemeHttp && api.IsLoopback)))
        {
            settings.Fail(ApiKey, $"'{text}' is not an address of the Kubernetes API. Write it like https://10.96.0.1:443; http is for loopback addresses only, because the token goes there");
        }

        return new(pods, api, tokenFile, File(settings, CaFileKey));
    }

    private static KubernetesSettings InCluster(IConfiguration configuration, Settings settings, string pods)
    {
        var tokenFile = File(settings, TokenFileKey) ?? IfThere("token");
        var host = configuration["KUBERNETES_SERVICE_HOST"];
        if (string.IsNullOrEmpty(host) || tokenFile is null)
        {
            return new(pods, null, null, null);
        }

        var port = int.TryParse(configuration["KUBERNETES_SERVICE_PORT"], out var number) ? number : 443;
        return new(pods, new UriBuilder(Uri.UriSchemeHttps, host, port).Uri, tokenFile, File(settings, CaFileKey) ?? IfThere("ca.crt"));
    }

    private static string? IfThere(string name) => Path.Combine(AccountFolder, name) is var file && System.IO.File.Exists(file) ? file : null;

    private static string? File(Settings settings, string key)
    {
        if (settings.Text(key) is { } file && !System.IO.File.Exists(file))
        {
            settings.Fail(key, $"there is no file '{file}'. Name one that this node can read, or leave it out");
        }

        return settings.Text(key);
    }

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
    private static partial Regex NamespaceName();
}
