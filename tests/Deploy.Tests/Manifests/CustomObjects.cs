using k8s.Models;

namespace Orrery.Deploy.Tests.Manifests;

// The kinds that operators bring along and the client library has no types for: those fields that the manifests use. Whatever
// else stands in a manifest is refused when it is read.

/// <summary>An object of an operator's own kind.</summary>
/// <typeparam name="TSpec">What it is to be.</typeparam>
internal abstract class CustomObject<TSpec>
{
    public string? ApiVersion { get; set; }

    public string? Kind { get; set; }

    public V1ObjectMeta? Metadata { get; set; }

    public TSpec? Spec { get; set; }
}

internal sealed class Issuer : CustomObject<IssuerSpec>;

internal sealed class IssuerSpec
{
    public Dictionary<string, string>? SelfSigned { get; set; }

    public CertificateSecret? Ca { get; set; }
}

internal sealed class CertificateSecret
{
    public string? SecretName { get; set; }
}

internal sealed class Certificate : CustomObject<CertificateSpec>;

internal sealed class CertificateSpec
{
    public string? CommonName { get; set; }

    public List<string>? DnsNames { get; set; }

    public string? Duration { get; set; }

    public bool? IsCA { get; set; }

    public IssuerReference? IssuerRef { get; set; }

    public CertificateKey? PrivateKey { get; set; }

    public string? RenewBefore { get; set; }

    public string? SecretName { get; set; }

    public List<string>? Usages { get; set; }
}

internal sealed class IssuerReference
{
    public string? Kind { get; set; }

    public string? Name { get; set; }
}

internal sealed class CertificateKey
{
    public string? Algorithm { get; set; }

    public string? RotationPolicy { get; set; }

    public int? Size { get; set; }
}

internal sealed class PodMonitor : CustomObject<PodMonitorSpec>;

internal sealed class PodMonitorSpec
{
    public string? JobLabel { get; set; }

    public V1LabelSelector? Selector { get; set; }

    public List<string>? PodTargetLabels { get; set; }

    public List<MetricsEndpoint>? PodMetricsEndpoints { get; set; }
}

internal sealed class MetricsEndpoint
{
    public string? Port { get; set; }

    public string? Path { get; set; }

    public string? Interval { get; set; }

    public string? ScrapeTimeout { get; set; }
}

internal sealed class PrometheusRule : CustomObject<PrometheusRuleSpec>;

internal sealed class PrometheusRuleSpec
{
    public List<RuleGroup>? Groups { get; set; }
}

internal sealed class RuleGroup
{
    public string? Name { get; set; }

    public List<AlertRule>? Rules { get; set; }
}

internal sealed class AlertRule
{
    public string? Alert { get; set; }

    public string? Expr { get; set; }

    public string? For { get; set; }

    public Dictionary<string, string>? Labels { get; set; }

    public Dictionary<string, string>? Annotations { get; set; }
}

internal sealed class ExternalSecret : CustomObject<ExternalSecretSpec>;

internal sealed class ExternalSecretSpec
{
    public string? RefreshInterval { get; set; }

    public IssuerReference? SecretStoreRef { get; set; }

    public ExternalTarget? Target { get; set; }

    public List<ExternalData>? Data { get; set; }

    public List<ExternalExtract>? DataFrom { get; set; }
}

internal sealed class ExternalTarget
{
    public string? Name { get; set; }
}

internal sealed class ExternalData
{
    public string? SecretKey { get; set; }

    public ExternalKey? RemoteRef { get; set; }
}

internal sealed class ExternalExtract
{
    public ExternalKey? Extract { get; set; }
}

internal sealed class ExternalKey
{
    public string? Key { get; set; }

    public string? Property { get; set; }
}

internal sealed class EdgeGateway : CustomObject<EdgeGatewaySpec>;

internal sealed class EdgeGatewaySpec
{
    public string? GatewayClassName { get; set; }

    public List<Listener>? Listeners { get; set; }
}

internal sealed class Listener
{
    public string? Name { get; set; }

    public string? Protocol { get; set; }

    public int? Port { get; set; }

    public string? Hostname { get; set; }

    public ListenerTls? Tls { get; set; }
}

internal sealed class ListenerTls
{
    public string? Mode { get; set; }

    public List<RouteReference>? CertificateRefs { get; set; }
}

internal sealed class RouteReference
{
    public string? Group { get; set; }

    public string? Kind { get; set; }

    public string? Name { get; set; }

    public string? SectionName { get; set; }

    public int? Port { get; set; }
}

internal sealed class HttpRoute : CustomObject<HttpRouteSpec>;

internal sealed class HttpRouteSpec
{
    public List<RouteReference>? ParentRefs { get; set; }

    public List<string>? Hostnames { get; set; }

    public List<RouteRule>? Rules { get; set; }
}

internal sealed class RouteRule
{
    public List<RouteMatch>? Matches { get; set; }

    public List<RouteReference>? BackendRefs { get; set; }

    public Dictionary<string, string>? Timeouts { get; set; }
}

internal sealed class RouteMatch
{
    public RoutePath? Path { get; set; }
}

internal sealed class RoutePath
{
    public string? Type { get; set; }

    public string? Value { get; set; }
}

internal sealed class BackendTlsPolicy : CustomObject<BackendTlsPolicySpec>;

internal sealed class BackendTlsPolicySpec
{
    public List<RouteReference>? TargetRefs { get; set; }

    public BackendValidation? Validation { get; set; }
}

internal sealed class BackendValidation
{
    public string? Hostname { get; set; }

    public List<RouteReference>? CaCertificateRefs { get; set; }
}
