using HubSpotBus.Contracts.Connections;

namespace HubSpotBus.Testing;

/// <summary>Shows Auth the key that is for the address, as the services do.</summary>
public sealed class ShowServiceKey(string serviceKey) : DelegatingHandler(new SocketsHttpHandler())
{
    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        request.Headers.Add(ServiceKeys.Header, ServiceKeys.For(serviceKey, request.RequestUri!));
        return base.SendAsync(request, cancellationToken);
    }
}
