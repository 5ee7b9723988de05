using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;

namespace HubSpotBus.Standalone.Tests;

/// <summary>Hears what an installation says: log lines of every level with their fields, traces, messages, and answers over HTTP.</summary>
internal sealed class Eavesdropper : ILoggerProvider, ISupportExternalScope
{
    private readonly ConcurrentQueue<(string Where, string Text)> _heard = new();
    private readonly ActivityListener _traces;
    private IExternalScopeProvider _scopes = new LoggerExternalScopeProvider();

    public Eavesdropper()
    {
        _traces = new ActivityListener
        {
            ShouldListenTo = _ => true,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = activity => Hear("trace", string.Join('\n', Said(activity))),
        };
        ActivitySource.AddActivityListener(_traces);
    }

    public IReadOnlyList<(string Where, string Text)> Heard => [.. _heard];

    public ILogger CreateLogger(string categoryName) => new Logger(this, categoryName);

    public void SetScopeProvider(IExternalScopeProvider scopeProvider) => _scopes = scopeProvider;

    public void Dispose() => _traces.Dispose();

    /// <summary>A client whose answers are heard, redirects included.</summary>
    public HttpClient Client(Uri address) => new(new Answers(this)) { BaseAddress = address };

    /// <summary>From now on every message is kept a second time, so that it is still there when its consumer has taken it; and each proof key.</summary>
    public static void KeepMessages(string folder) => Run(folder, """
        CREATE TABLE kept_messages (Text TEXT);
        CREATE TRIGGER keep_outbox AFTER INSERT ON bus_outbox BEGIN INSERT INTO kept_messages VALUES (NEW.MessageType || ' ' || NEW.Envelope); END;
        CREATE TRIGGER keep_dead AFTER INSERT ON bus_dead_letters
            BEGIN INSERT INTO kept_messages VALUES ('dead ' || NEW.MessageType || ' ' || NEW.Envelope || ' ' || NEW.Error); END;
        CREATE TABLE kept_verifiers (Locked TEXT);
        CREATE TRIGGER keep_verifier AFTER INSERT ON auth_consent_request WHEN NEW.Verifier IS NOT NULL BEGIN INSERT INTO kept_verifiers VALUES (NEW.Verifier); END;
        """);

    /// <summary>The proof keys of all approvals that were begun, encrypted.</summary>
    public static IReadOnlyList<string> Verifiers(string folder) => Read(folder, "SELECT Locked FROM kept_verifiers");

    public void HearMessages(string folder)
    {
        foreach (var text in Read(folder, "SELECT Text FROM kept_messages UNION ALL SELECT MessageId || Queue FROM bus_inbox"))
            Hear("message", text);
    }

    /// <summary>The bytes of the store, the write-ahead log included.</summary>
    public void HearStore(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder, "hubspotbus.db*"))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            using var memory = new MemoryStream();
            stream.CopyTo(memory);
            Hear($"store {Path.GetFileName(file)}", Encoding.Latin1.GetString(memory.ToArray()));
        }
    }

    /// <summary>The places where one of the secrets was heard, in whatever spelling.</summary>
    public IEnumerable<string> Leaks(IReadOnlyDictionary<string, string> secrets) =>
        from secret in secrets
        from spelling in Spellings(secret.Value)
        from heard in _heard
        let at = heard.Text.IndexOf(spelling, StringComparison.Ordinal)
        where at >= 0
        select $"{secret.Key} in {heard.Where}: ...{heard.Text[Math.Max(0, at - 120)..at]}";

    private static IEnumerable<string> Spellings(string secret) => new[]
    {
        secret, Uri.EscapeDataString(secret), WebUtility.UrlEncode(secret), WebUtility.HtmlEncode(secret), JsonSerializer.Serialize(secret).Trim('"'),
        Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)),
    }.Distinct();

    private void Hear(string where, string text) => _heard.Enqueue((where, text));

    private static IEnumerable<string> Said(Activity activity) =>
        [
            $"{activity.Source.Name} {activity.OperationName} {activity.DisplayName} {activity.StatusDescription}",
            .. activity.TagObjects.Select(t => $"{t.Key}={t.Value}"),
            .. activity.Baggage.Select(b => $"{b.Key}={b.Value}"),
            .. activity.Events.SelectMany(e => e.Tags.Select(t => $"{e.Name} {t.Key}={t.Value}")),
        ];

    private static void Run(string folder, string sql)
    {
        using var connection = Open(folder);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    private static List<string> Read(string folder, string sql)
    {
        using var connection = Open(folder);
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        using var reader = command.ExecuteReader();
        List<string> read = [];
        while (reader.Read())
            read.Add(reader.GetString(0));
        return read;
    }

    private static SqliteConnection Open(string folder)
    {
        var connection = new SqliteConnection($"Data Source={Path.Combine(folder, "hubspotbus.db")};Pooling=False");
        connection.Open();
        return connection;
    }

    private sealed class Logger(Eavesdropper eavesdropper, string category) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => eavesdropper._scopes.Push(state);

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            var text = new StringBuilder($"{formatter(state, exception)}\n{exception}\n");
            foreach (var (name, value) in state as IEnumerable<KeyValuePair<string, object?>> ?? [])
                text.Append(name).Append('=').Append(value).Append('\n');
            eavesdropper._scopes.ForEachScope((scope, all) => all.Append(scope).Append('\n'), text);
            eavesdropper.Hear($"log {logLevel} {category}", text.ToString());
        }
    }

    private sealed class Answers(Eavesdropper eavesdropper)
        : DelegatingHandler(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = new CookieContainer() })
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var answer = await base.SendAsync(request, cancellationToken);
            await answer.Content.LoadIntoBufferAsync(cancellationToken);
            eavesdropper.Hear(
                $"answer {(int)answer.StatusCode} to {request.Method} {request.RequestUri!.AbsolutePath}",
                $"{answer.Headers}{answer.Content.Headers}{await answer.Content.ReadAsStringAsync(cancellationToken)}");
            return answer;
        }
    }
}
