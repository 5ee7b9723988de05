namespace HubSpotBus.ServiceDefaults;

/// <summary>
/// The address under which browsers and HubSpot reach an installation. It has it to itself: links, cookies and the app's redirect URL count
/// on that.
/// </summary>
public static class PublicUrl
{
    public static bool IsRoot(Uri? url) => url is null
        || (url.IsAbsoluteUri && url.Scheme is "http" or "https" && url.PathAndQuery == "/" && url.Fragment.Length == 0);

    public static string NotRoot(string setting) =>
        $"{setting} has to be an address without a path, such as https://hub.example.com: HubSpotBus cannot be put under a path of another site. "
        + "Give it a host name of its own.";
}
