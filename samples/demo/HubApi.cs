using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace HubSpotBus.Samples;

/// <summary>The hub's public API, as any client would call it.</summary>
internal sealed class HubApi(HttpClient http)
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web)
    {
        DefaultIgnoreCondition = System.Text.Json.Serialization.JsonIgnoreCondition.WhenWritingNull,
        Encoder = System.Text.Encodings.Web.JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public void SignInWith(string key) => http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", key);

    public Task<JsonNode> GetAsync(string path) => AskAsync(new HttpRequestMessage(HttpMethod.Get, path));

    public Task<JsonNode> PostAsync(string path, object body) =>
        AskAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body, options: Json) });

    public Task<JsonNode> PutAsync(string path, object body) =>
        AskAsync(new HttpRequestMessage(HttpMethod.Put, path) { Content = JsonContent.Create(body, options: Json) });

    /// <summary>Gives what follows a tracking id.</summary>
    public void TrackWith(string trackingId)
    {
        http.DefaultRequestHeaders.Remove("X-Tracking-Id");
        http.DefaultRequestHeaders.Add("X-Tracking-Id", trackingId);
    }

    /// <summary>Uploads records as NDJSON, one line each.</summary>
    public Task<JsonNode> UploadAsync(string path, IEnumerable<object> records) => AskAsync(new HttpRequestMessage(HttpMethod.Post, path)
    {
        Content = new StringContent(
            string.Join('\n', records.Select(r => JsonSerializer.Serialize(r, Json))), Encoding.UTF8, "application/x-ndjson"),
    });

    /// <summary>Connects a subscription as an operator does, who opens its link in a browser, signs in and approves; returns where that ends.</summary>
    public async Task<Uri> ConnectAsync(string subscription, string account, long? otherAccount = null)
    {
        var link = new Uri((string)(await PostAsync($"{subscription}/connection", new { otherAccount }))["authorizeUrl"]!);
        using var browser = await ASignedInBrowser.OpenAsync(http.BaseAddress!, http.DefaultRequestHeaders.Authorization!.Parameter!);
        return await browser.ConnectAsync(link, account);
    }

    private async Task<JsonNode> AskAsync(HttpRequestMessage request)
    {
        using var response = await http.SendAsync(request);
        var text = await response.Content.ReadAsStringAsync();
        if (!response.IsSuccessStatusCode)
            throw new InvalidOperationException($"{request.Method} {request.RequestUri} was answered {(int)response.StatusCode}: {text}");
        return text.Length == 0 ? new JsonObject() : JsonNode.Parse(text)!;
    }
}
