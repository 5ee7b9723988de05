using HubSpotBus.HubSpotSimulator.Tests.Crm;
using Shouldly;
using Xunit;

namespace HubSpotBus.HubSpotSimulator.Tests.Admin;

public sealed class PageTests
{
    [Fact]
    public async Task The_first_page_shows_accounts_calls_faults_and_switches()
    {
        await using var simulator = await ASimulator.StartAsync();
        await simulator.MakeOrderAsync();
        await simulator.PostAsync("/_simulator/faults", new { match = new { kind = "deals.create" }, status = 0, rate = 0.5, times = 3 });
        simulator.Switch(new() { ScopesWithheld = ["crm.objects.deals.write"] });
        await simulator.GetAsync("/crm/objects/2026-09/contacts/17");

        var page = await simulator.GetAsync("/");

        page.Text.ShouldContain($"<a href='/accounts/{ASimulator.Northwind}/orders'>1</a>");
        page.Text.ShouldContain("<td>contacts.get</td><td class='n'>404</td>");
        page.Text.ShouldContain("<td>deals.create</td><td>connection cut</td>");
        page.Text.ShouldContain("<td>scopesWithheld</td><td>[&quot;crm.objects.deals.write&quot;]</td>");
        simulator.Host.Calls.Latest.Select(c => c.Kind).ShouldBe(["contacts.get", "orders.create"]);
    }

    [Fact]
    public async Task Records_can_be_looked_through_with_their_ties_and_nothing_in_them_becomes_markup()
    {
        await using var simulator = await ASimulator.StartAsync();
        var contact = await simulator.MakeAsync("contacts", new { email = "ann@example.com", firstname = "<script>alert(1)</script>" });
        await simulator.PostAsync("/crm/objects/2026-09/orders",
            new { properties = new { hs_order_name = "1" }, associations = new[] { AssociationTests.To(contact, 507) } });

        var list = await simulator.GetAsync($"/accounts/{ASimulator.Northwind}/contacts");
        var one = await simulator.GetAsync($"/accounts/{ASimulator.Northwind}/contacts/{contact}");

        foreach (var page in new[] { list.Text, one.Text })
        {
            page.ShouldContain("&lt;script&gt;");
            page.ShouldNotContain("<script");
        }

        list.Text.ShouldContain($"/accounts/{ASimulator.Northwind}/contacts/{contact}");
        one.Text.ShouldContain($"/accounts/{ASimulator.Northwind}/orders/");
        (await simulator.GetAsync($"/accounts/{ASimulator.Northwind}/contacts/17")).Status.ShouldBe(404);
        (await simulator.GetAsync("/accounts/1/contacts")).Status.ShouldBe(404);
    }

    [Fact]
    public async Task A_long_list_comes_in_pages_and_the_recycle_bin_is_a_list_of_its_own()
    {
        await using var simulator = await ASimulator.StartAsync();
        await simulator.PostAsync("/crm/objects/2026-09/contacts/batch/create",
            new { inputs = Enumerable.Range(0, 60).Select(i => new { properties = new { lastname = $"Name{i:00}" } }) });
        var all = await simulator.RecordsAsync("contacts");
        await simulator.SendAsync(HttpMethod.Delete, $"/crm/objects/2026-09/contacts/{all[0]!["id"]}");

        var first = await simulator.GetAsync($"/accounts/{ASimulator.Northwind}/contacts");
        var second = await simulator.GetAsync($"/accounts/{ASimulator.Northwind}/contacts?after={all[51]!["id"]}");
        var bin = await simulator.GetAsync($"/accounts/{ASimulator.Northwind}/contacts?archived=true");

        first.Text.ShouldContain($"?after={all[51]!["id"]}&amp;");
        (first.Text.Contains("Name50"), first.Text.Contains("Name51"), second.Text.Contains("Name51")).ShouldBe((true, false, true));
        (bin.Text.Contains("Name00"), bin.Text.Contains("Name01")).ShouldBe((true, false));
    }
}
