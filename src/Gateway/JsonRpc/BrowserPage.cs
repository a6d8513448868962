namespace Orrery.Gateway.JsonRpc;

/// <summary>The page that somebody sees who opens a gateway in a browser.</summary>
internal static class BrowserPage
{
    private static readonly byte[] Page = Read();

    public static bool IsWanted(HttpRequest request) =>
        HttpMethods.IsGet(request.Method) && request.Headers.Accept.ToString().Contains("text/html", StringComparison.OrdinalIgnoreCase);

    public static async Task WriteAsync(HttpResponse response)
    {
        response.ContentType = "text/html; charset=utf-8";
        response.ContentLength = Page.Length;
        response.Headers.ContentSecurityPolicy = "default-src 'none'; style-src 'unsafe-inline'";
        await response.Body.WriteAsync(Page);
    }

    private static byte[] Read()
    {
        using var resource = typeof(BrowserPage).Assembly.GetManifestResourceStream("index.html")!;
        using var memory = new MemoryStream();
        resource.CopyTo(memory);
        return memory.ToArray();
    }
}
