using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Extensions.Logging;
using Serilog.Formatting.Compact;
using Shouldly;
using Xunit;

namespace HubSpotBus.ServiceDefaults.Tests;

public sealed class SecretTests
{
    private const string Text = "pat-eu1-not-for-the-log";

    [Fact]
    public void However_a_secret_is_logged_its_text_does_not_show()
    {
        using var written = new StringWriter();
        using (var serilog = new LoggerConfiguration().WriteTo.Sink(new Lines(written)).CreateLogger())
        using (var factory = new SerilogLoggerFactory(serilog))
        {
            var log = factory.CreateLogger("test");
            var app = new App { ClientId = "client", ClientSecret = Text };
            using var scope = log.BeginScope(new Dictionary<string, object> { ["Token"] = app.ClientSecret });
            serilog.Information("{Secret} {@Destructured} {$Text} {@Whole}", app.ClientSecret, app.ClientSecret, app.ClientSecret, app);
            log.Log(LogLevel.Error, new EventId(1), app, new InvalidOperationException($"refused {app.ClientSecret}"), (state, _) => $"{state}");
        }

        written.ToString().ShouldContain("client");
        written.ToString().ShouldNotContain(Text);
    }

    [Fact]
    public void It_comes_from_the_configuration_and_from_JSON_like_a_string_and_leaves_masked()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["ClientSecret"] = Text }).Build();
        configuration.Get<App>()!.ClientSecret.Reveal().ShouldBe(Text);

        JsonSerializer.Deserialize<App>($$"""{"ClientSecret":"{{Text}}"}""")!.ClientSecret.Reveal().ShouldBe(Text);
        JsonSerializer.Serialize(new App { ClientSecret = Text }).ShouldContain("\"***\"");
    }

    private sealed record App
    {
        public string ClientId { get; init; } = "";

        public Secret ClientSecret { get; init; } = "";
    }

    private sealed class Lines(TextWriter writer) : Serilog.Core.ILogEventSink
    {
        public void Emit(Serilog.Events.LogEvent logEvent) => new RenderedCompactJsonFormatter().Format(logEvent, writer);
    }
}
