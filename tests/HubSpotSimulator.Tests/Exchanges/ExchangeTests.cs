using System.Text.Json.Nodes;
using HubSpotBus.HubSpotSimulator.Tests.OAuth;
using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpotSimulator.Tests.Exchanges;

public sealed class ExchangeTests
{
    public static TheoryData<string> Recorded =>
        [.. Directory.GetFiles(Exchange.Folder, "*.json").Select(f => Path.GetFileNameWithoutExtension(f)).Order()];

    [Theory]
    [MemberData(nameof(Recorded))]
    public async Task The_simulator_answers_as_HubSpot_did(string name)
    {
        var exchange = Exchange.Read(name);
        await using var simulator = await ASimulator.StartAsync(exchange.Options);
        simulator.Switch(exchange.Switches);
        var placeholders = new Placeholders();
        if (exchange.Connected)
        {
            placeholders["code"] = (await simulator.ConsentAsync("approve"))["code"];
            placeholders["refreshToken"] = await simulator.ConnectAsync();
            placeholders["accessToken"] = simulator.Token;
        }

        foreach (var step in exchange.Given.Append(new Step { Request = exchange.Request, Answer = exchange.Answer }))
        {
            var said = await AskAsync(simulator, step.Request, placeholders);
            Check(step.Answer, said, placeholders, $"{step.Request.Method} {step.Request.Path} answered {said.Status} {said.Text}");
        }
    }

    [Fact]
    public void Every_exchange_says_where_it_comes_from() =>
        Recorded.ShouldAllBe(name => Exchange.Read(name.Data).Source.Length > 10);

    private static async Task<Said> AskAsync(ASimulator simulator, Asked asked, Placeholders placeholders)
    {
        simulator.Time.Advance(TimeSpan.FromSeconds(asked.AfterSeconds));
        var path = placeholders.Fill(asked.Path);
        if (asked.Form is { } form)
        {
            return await simulator.SubmitAsync(path, [.. form.Select(f => (f.Key, placeholders.Fill(f.Value)))]);
        }

        var token = simulator.Token;
        simulator.Token = asked.Token is { } given ? placeholders.Fill(given) : token;
        var said = await simulator.SendAsync(new HttpMethod(asked.Method), path, placeholders.Fill(asked.Body));
        simulator.Token = token;
        return said;
    }

    private static void Check(Answered expected, Said said, Placeholders placeholders, string context)
    {
        (expected.Status == 0 ? said.Status / 100 * 100 : said.Status).ShouldBe(expected.Status == 0 ? 200 : expected.Status, context);
        foreach (var (name, value) in expected.Headers)
        {
            said.Header(name).ShouldBe(value, context);
        }

        if (expected.Body is not null)
        {
            placeholders.Differences(expected.Body, said.Text.Length == 0 ? null : JsonNode.Parse(said.Text)).ShouldBeEmpty(context);
        }
    }
}
