using System.Globalization;
using HubSpotBus.Matrix;

// Every account (switch) x data set x share of calls that fail: what arrived, what was parked, what it cost. Exit code 0 when all is right.
// A word of the accounts, and one of the data sets, leave out the others.
var (only, data) = (args.FirstOrDefault(), args.Skip(1).FirstOrDefault());
var results = new List<CellResult>();
foreach (var account in Account.All.Where(a => only is null || a.Name.Contains(only, StringComparison.OrdinalIgnoreCase)))
{
    foreach (var set in DataSet.All.Where(d => data is null || d.Name.Contains(data, StringComparison.OrdinalIgnoreCase)))
    {
        foreach (var rate in Cell.Refusal(account, set) is null ? (double[])[0, 0.1] : [0])
        {
            var result = await new Cell(account, set, rate).RunAsync();
            Console.WriteLine(result.Line);
            results.Add(result);
        }
    }
}

Console.WriteLine();
Console.WriteLine(CellResult.Head);
foreach (var result in results)
    Console.WriteLine(result.Line);
var wrong = results.Count(r => !r.IsRight);
Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"matrix: {results.Count} cells, {results.Count - wrong} right, {wrong} wrong"));
return wrong == 0 ? 0 : 1;
