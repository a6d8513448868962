using System.Text;
using System.Text.Encodings.Web;

namespace Orrery.Gateway.JsonRpc;

/// <summary>The page that somebody sees who opens a gateway in a browser.</summary>
internal static class BrowserPage
{
    private static readonly string Page = Read();

    public static bool IsWanted(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    /// <summary>Writes the page, with commands for the address that the reader opened.</summary>
    public static async Task WriteAsync(HttpContext context, string path)
    {
        var url = HtmlEncoder.Default.Encode($"{context.Request.Scheme}://{context.Request.Host}{path}");
        var page = Encoding.UTF8.GetBytes(Page.Replace("{url}", url, StringComparison.Ordinal).Replace("{path}", HtmlEncoder.Default.Encode(path), StringComparison.Ordinal));
        var response = context.Response;
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = page.Length;
        response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'";
        await response.Body.WriteAsync(page, context.RequestAborted);
    }

    private static string Read()
    {
        using var reader = new StreamReader(typeof(BrowserPage).Assembly.GetManifestResourceStream("index.html")!);
        return reader.ReadToEnd();
    }
}
