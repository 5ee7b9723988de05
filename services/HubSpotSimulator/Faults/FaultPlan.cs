using System.Security.Cryptography;

namespace HubSpotBus.HubSpotSimulator.Faults;

/// <summary>The failures in force, first come first served.</summary>
public sealed class FaultPlan
{
    private readonly Lock _gate = new();
    private readonly List<(Fault Rule, int? Left, Random? Dice)> _rules = [];
    private int _lastId;

    public Fault Add(Fault rule)
    {
        lock (_gate)
        {
            var named = rule with { Id = (++_lastId).ToString() };
            _rules.Add((named, rule.Times, Dice(rule.Seed)));
            return named;
        }
    }

    /// <summary>The first rule that fits and strikes now.</summary>
    internal Fault? Take(string kind, string path)
    {
        lock (_gate)
        {
            for (var i = 0; i < _rules.Count; i++)
            {
                var (rule, left, dice) = _rules[i];
                if (left == 0 || !rule.Match.Fits(kind, path) || !Strikes(rule.Rate, dice))
                {
                    continue;
                }

                _rules[i] = (rule, left - 1, dice);
                return rule;
            }

            return null;
        }
    }

    /// <summary>All rules; <c>Times</c> is what is left.</summary>
    public IReadOnlyList<Fault> All()
    {
        lock (_gate)
        {
            return [.. _rules.Select(r => r.Rule with { Times = r.Left })];
        }
    }

    public bool Remove(string id)
    {
        lock (_gate)
        {
            return _rules.RemoveAll(r => r.Rule.Id == id) > 0;
        }
    }

    public void Clear()
    {
        lock (_gate)
        {
            _rules.Clear();
        }
    }

#pragma warning disable CA5394 // Repeatable is what the seed is for; nothing here is secret.
    private static Random? Dice(int? seed) => seed is { } given ? new Random(given) : null;

    private static bool Strikes(double? rate, Random? dice) =>
        rate is null || (dice?.Next(1_000_000) ?? RandomNumberGenerator.GetInt32(1_000_000)) < rate * 1_000_000;
#pragma warning restore CA5394
}
