using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace HubSpotBus.Hub.Tests;

/// <summary>Stands in Auth's place: answers what it is told to, by method and last part of the path.</summary>
internal sealed class AnAuth : IAsyncDisposable
{
    private readonly WebApplication _app;

    private AnAuth(WebApplication app) => _app = app;

    /// <summary>The settings of a hub that asks here.</summary>
    public Dictionary<string, string?> Settings => new() { ["Egress:BaseAddress"] = _app.Urls.First() };

    public static async Task<AnAuth> StartAsync(Func<string, Task<IResult>> answer)
    {
        var builder = WebApplication.CreateBuilder();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders();
        var auth = new AnAuth(builder.Build());
        auth._app.Run(async http => await (await answer($"{http.Request.Method} {http.Request.Path.Value!.Split('/')[^1]}")).ExecuteAsync(http));
        await auth._app.StartAsync();
        return auth;
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();
}
