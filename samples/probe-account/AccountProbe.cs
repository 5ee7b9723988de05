using HubSpotBus.Samples.ProbeAccount.Facts;

namespace HubSpotBus.Samples.ProbeAccount;

/// <summary>Tells what the account can do, asks fact by fact, and leaves nothing behind, however it ends.</summary>
internal sealed class AccountProbe(ProbedAccount account, TextWriter output, IReadOnlyList<Fact> facts, OwnConnection? connection = null)
{
    private int _callsOfConnecting;
    private int _asAssumed;
    private int _different;
    private int _notAskable;
    private int _notAsked;

    /// <summary>The exit code: 0 when every fact that a static token can answer was asked, and nothing is left.</summary>
    public async Task<int> RunAsync(bool force)
    {
        var complete = false;
        try
        {
            complete = await AskAllAsync(force);
        }
        catch (ProbeStoppedException stopped)
        {
            Print(stopped.Message);
        }
        catch (OperationCanceledException)
        {
            Print("Stopped before the end.");
        }
        finally
        {
            complete &= await CleanUpAsync();
            Print($"probe: {_asAssumed + _different + _notAskable + _notAsked} facts, {_asAssumed} as assumed, {_different} different, "
                + $"{_notAskable + _notAsked} not askable, {account.Calls + _callsOfConnecting} calls");
        }

        return complete ? 0 : 1;
    }

    private async Task<bool> AskAllAsync(bool force)
    {
        Print($"Probe of {account.Address}, API version {HubSpotApi.Version}; "
            + $"what it makes is called \"{account.RecordName}\" or {ProbedAccount.Prefix}{account.Run}_...");
        Print("");
        await new Abilities(account, Print).PrintAsync(force);
        if (connection is not null)
            _callsOfConnecting = await connection.TellAsync(account, Print);
        Print("");
        Print("| point | question | found | verdict |");
        Print("|---|---|---|---|");
        foreach (var fact in facts)
            await AskAsync(fact);

        Print("");
        if (account.MissingScopes.Count > 0)
            Print($"Scopes missing: {string.Join(", ", account.MissingScopes)}");
        if (_notAsked > 0)
        {
            Print($"{_notAsked} facts could not be asked: set right what stands there (a missing scope is added where the token was made), "
                + "then run the probe again.");
        }

        return _notAsked == 0;
    }

    private async Task AskAsync(Fact fact)
    {
        try
        {
            var finding = await fact.AskAsync(account);
            var verdict = Verdict(fact, finding);
            Row(fact, finding.Detail.Length > 0 ? $"{finding.Found} ({finding.Detail})" : finding.Found, verdict);
        }
        catch (NotAskedException why)
        {
            _notAsked++;
            Row(fact, why.Message, "NOT ASKED");
        }
        catch (Exception surprise) when (surprise is InvalidOperationException or FormatException)
        {
            // JSON of another shape than any that was published.
            _notAsked++;
            Row(fact, $"an answer could not be read: {surprise.Message}", "NOT ASKED");
        }
    }

    private string Verdict(Fact fact, Finding finding)
    {
        if (!finding.IsAskable)
        {
            _notAskable++;
            return "not askable";
        }

        if (finding.Found == fact.Assumed)
        {
            _asAssumed++;
            return "as assumed";
        }

        _different++;
        return $"DIFFERS, assumed: {fact.Assumed}";
    }

    private async Task<bool> CleanUpAsync()
    {
        account.Finish();
        var left = await account.Made.CleanUpAsync(account);
        foreach (var sentence in left)
            Print($"NOT CLEANED UP: {sentence}");
        return left.Count == 0;
    }

    /// <summary>A row of a Markdown table, so that what was found can be pasted where it belongs.</summary>
    private void Row(Fact fact, string found, string verdict) =>
        Print($"| {fact.Point} | {fact.Question} | {found.Replace('|', '/')} | {verdict} |");

    private void Print(string line) => output.WriteLine(account.Redacted(line));
}
