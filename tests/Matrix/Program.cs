using System.Globalization;
using HubSpotBus.Matrix;

// Every account (switch) x data set x share of calls that fail: what arrived, what was parked, what it cost. Exit code 0 when all is right.
// A word of the accounts, and one of the data sets, leave out the others.
var (only, data) = (args.FirstOrDefault(), args.Skip(1).FirstOrDefault());
var cells = (
    from account in Account.All
    where only is null || account.Name.Contains(only, StringComparison.OrdinalIgnoreCase)
    from set in DataSet.All
    where data is null || set.Name.Contains(data, StringComparison.OrdinalIgnoreCase)
    from rate in Cell.Refusal(account, set) is null ? (double[])[0, 0.1] : [0]
    select new Cell(account, set, rate)).ToList();
// Two at once, for they wait as often as they compute; each has a process's worth of services and a HubSpot of its own.
var results = new CellResult[cells.Count];
await Parallel.ForAsync(0, cells.Count, new ParallelOptions { MaxDegreeOfParallelism = 2 }, async (n, _) =>
{
    results[n] = await cells[n].RunAsync();
    Console.WriteLine(results[n].Line);
});

Console.WriteLine();
Console.WriteLine(CellResult.Head);
foreach (var result in results)
    Console.WriteLine(result.Line);
var wrong = results.Count(r => !r.IsRight);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"matrix: {results.Length} cells, {results.Length - wrong} right, {wrong} wrong"));
return wrong == 0 ? 0 : 1;
