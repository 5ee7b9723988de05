using System.ComponentModel.DataAnnotations;
using HubSpotBus.ServiceDefaults;

namespace HubSpotBus.Auth.Tokens;

/// <summary>The HubSpot app of this installation. Client id and secret may be stored instead (<see cref="HubSpotApp.AppCredentials"/>).</summary>
public sealed class HubSpotAppOptions
{
    public const string Section = "HubSpotApp";

    // What the integration needs to write and read its records and to make its key properties; "e-commerce" is the scope for
    // property definitions of products and line items.
    public const string DefaultScopes =
        "oauth crm.objects.contacts.read crm.objects.contacts.write crm.objects.companies.read crm.objects.companies.write " +
        "crm.objects.deals.read crm.objects.deals.write crm.objects.orders.read crm.objects.orders.write " +
        "crm.objects.line_items.read crm.objects.line_items.write crm.objects.products.read crm.objects.products.write " +
        "crm.schemas.contacts.read crm.schemas.contacts.write crm.schemas.companies.read crm.schemas.companies.write " +
        "crm.schemas.deals.read crm.schemas.deals.write crm.schemas.orders.read crm.schemas.orders.write " +
        "crm.schemas.line_items.read e-commerce crm.pipelines.orders.read";

    public string ClientId { get; set; } = "";

    public Secret ClientSecret { get; set; } = "";

    /// <summary>File that has the client secret, such as a mounted Docker secret; read at start when ClientSecret is empty.</summary>
    public string? ClientSecretFile { get; set; }

    /// <summary>Where client id and secret are tested; a subscription has an API URL of its own.</summary>
    [Required]
    public Uri ApiUrl { get; set; } = new("https://api.hubapi.com");

    [Required]
    public Uri AuthorizeUrl { get; set; } = new("https://app.hubspot.com/oauth/authorize");

    /// <summary>
    /// Address under which browsers reach this installation; HubSpot sends them back to {PublicUrl}/oauth/callback.
    /// Unset: the address of the request; browsers connect under this computer's own names only, then.
    /// </summary>
    public Uri? PublicUrl { get; set; }

    /// <summary>Scopes to ask for, separated by spaces. Every scope that the app requires has to be among them.</summary>
    [Required]
    public string Scopes { get; set; } = DefaultScopes;

    /// <summary>Whether a proof key goes along (PKCE, S256). HubSpot's token endpoint takes one; its authorize page does not document it.</summary>
    public bool UsePkce { get; set; }

    [Required, RegularExpression("^[A-Za-z0-9-]+$")]
    public string OAuthVersion { get; set; } = "2026-09";

    /// <summary>Hosts (with port) that a subscription's API URL may name besides HubSpot's own.</summary>
    public string[] AdditionalApiHosts { get; set; } = [];

    public bool HasApp => ClientId.Length > 0 && !ClientSecret.IsEmpty;

    /// <summary>Scopes asked for that are not among the granted ones; none where HubSpot does not say.</summary>
    public IReadOnlyList<string> NotGranted(string? granted) => granted is null
        ? []
        : [.. Scopes.Split(' ', StringSplitOptions.RemoveEmptyEntries).Except(granted.Split(' '))];

    /// <summary>The public address, ending in a slash. The hub, which asks from inside, says which address its user sees.</summary>
    public Uri BaseUrl(HttpRequest request, Uri? seen = null) =>
        new($"{((PublicUrl ?? seen)?.AbsoluteUri ?? $"{request.Scheme}://{request.Host}{request.PathBase}").TrimEnd('/')}/");

    public Uri RedirectUrl(HttpRequest request) => new(BaseUrl(request), "oauth/callback");

    /// <summary>Tokens go only to HubSpot's hosts, or where the operator allowed it.</summary>
    public bool AllowsApiUrl(Uri url)
    {
        if (!url.IsAbsoluteUri || url.UserInfo.Length > 0 || url.PathAndQuery != "/" || url.Fragment.Length > 0)
            return false;
        if (url.Scheme == Uri.UriSchemeHttps && url.IsDefaultPort && url.Host is "api.hubapi.com" or "api.hubspot.com")
            return true;
        return url.Scheme is "http" or "https" && AdditionalApiHosts.Contains(url.Authority, StringComparer.OrdinalIgnoreCase);
    }
}
