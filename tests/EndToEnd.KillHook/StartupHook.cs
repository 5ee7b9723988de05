using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Diagnostics;

/// <summary>
/// Loaded into a service by DOTNET_STARTUP_HOOKS: kills the process, as <c>kill -9</c> would, before and after each kind of commit that it
/// makes, once each. A kind is what is added, changed and deleted, the state that a saga goes to, and which messages leave; the head of an
/// update or delete that goes past the change tracker; or the end of a transaction that a service began itself. The file KILLED_AT has a
/// line for each time, and with them the next start knows what is still to be done. KILL_ONLY_AT narrows it to the kinds that name one of
/// its words.
/// </summary>
internal static partial class StartupHook
{
    private const int Sigkill = 9;
    private static readonly ConditionalWeakTable<DbContext, string> _saving = [];
    private static readonly Lock _lock = new();
    private static string _file = "";
    private static HashSet<string> _killedAt = [];
    private static string[] _onlyAt = [];

    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable("KILLED_AT") is not { } file)
            return;
        _file = file;
        _killedAt = File.Exists(file) ? [.. File.ReadAllLines(file)] : [];
        _onlyAt = Environment.GetEnvironmentVariable("KILL_ONLY_AT")?.Split(' ') ?? [""];
        DiagnosticListener.AllListeners.Subscribe(new Watch<DiagnosticListener>(listener =>
        {
            if (listener.Name == "Microsoft.EntityFrameworkCore")
                listener.Subscribe(new Watch<KeyValuePair<string, object?>>(happened => See(happened.Key, happened.Value)));
        }));
    }

    private static void See(string name, object? payload)
    {
        if (payload is not DbContextEventData { Context: { } db })
            return;
        switch (name[(name.LastIndexOf('.') + 1)..])
        {
            case "SaveChangesStarting" when KindOf(db) is { Length: > 0 } kind:
                _saving.AddOrUpdate(db, kind);
                KillOnce($"before {kind}");
                break;
            case "SaveChangesCompleted" when _saving.TryGetValue(db, out var saved):
                _saving.Remove(db);
                KillOnce($"after {saved}");
                break;
            case "CommandExecuting" when payload is CommandEventData { CommandSource: CommandSource.ExecuteUpdate or CommandSource.ExecuteDelete } command:
                KillOnce($"before {HeadOf(command.Command.CommandText)}");
                break;
            case "CommandExecuted" when payload is CommandEventData { CommandSource: CommandSource.ExecuteUpdate or CommandSource.ExecuteDelete } command:
                KillOnce($"after {HeadOf(command.Command.CommandText)}");
                break;
            case "TransactionCommitting" when !_saving.TryGetValue(db, out _):
                KillOnce($"before transaction of {db.GetType().Name}");
                break;
            case "TransactionCommitted" when !_saving.TryGetValue(db, out _):
                KillOnce($"after transaction of {db.GetType().Name}");
                break;
        }
    }

    // What follows WHERE differs with how many rows are meant.
    private static string HeadOf(string sql) =>
        string.Join(' ', sql.Split("WHERE", 2)[0].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string KindOf(DbContext db) => string.Join(", ", db.ChangeTracker.Entries()
        .Where(e => e.State is EntityState.Added or EntityState.Modified or EntityState.Deleted)
        .Select(e => $"{e.State} {e.Metadata.ClrType.Name}"
            + string.Concat(e.Metadata.GetProperties().Where(p => p.Name is "CurrentState" or "MessageType").Select(p => $" {e.CurrentValues[p]}")))
        .Distinct().Order(StringComparer.Ordinal));

    private static void KillOnce(string when)
    {
        lock (_lock)
        {
            if (!_onlyAt.Any(word => when.Contains(word, StringComparison.Ordinal)) || !_killedAt.Add(when))
                return;
            File.AppendAllText(_file, when + "\n");
            _ = Kill(Environment.ProcessId, Sigkill);
        }
    }

    [LibraryImport("libc", EntryPoint = "kill")]
    private static partial int Kill(int process, int signal);

    private sealed class Watch<T>(Action<T> see) : IObserver<T>
    {
        public void OnNext(T value) => see(value);

        public void OnError(Exception error)
        {
        }

        public void OnCompleted()
        {
        }
    }
}
