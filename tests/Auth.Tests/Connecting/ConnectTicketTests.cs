using HubSpotBus.Contracts.Connections;
using Shouldly;
using Xunit;

namespace HubSpotBus.Auth.Tests.Connecting;

public sealed class ConnectTicketTests
{
    private const string Key = "a-service-key-of-some-length";
    private static readonly Guid _subscription = Guid.Parse("11111111-2222-3333-4444-555555555555");
    private static readonly DateTimeOffset _now = new(2026, 11, 23, 12, 0, 0, TimeSpan.Zero);

    private static readonly ConnectTicket _ticket = new(_subscription, "5e55");

    [Fact]
    public void A_ticket_names_its_subscription_for_ten_minutes()
    {
        var ticket = _ticket.Sign(Key, _now);
        ConnectTicket.Verify(Key, ticket, _now).ShouldBe(_ticket);
        ConnectTicket.Verify(Key, ticket, _now.AddSeconds(599)).ShouldBe(_ticket);
        ConnectTicket.Verify(Key, ticket, _now.AddSeconds(600)).ShouldBeNull();
    }

    [Fact]
    public void A_ticket_carries_the_account_that_the_operator_confirmed_and_the_session_that_it_is_for() =>
        ConnectTicket.Verify(Key, new ConnectTicket(_subscription, "5e55", 999).Sign(Key, _now), _now).ShouldBe(new ConnectTicket(_subscription, "5e55", 999));

    [Fact]
    public void A_ticket_of_another_key_is_refused() =>
        ConnectTicket.Verify(Key, _ticket.Sign("another-service-key", _now), _now).ShouldBeNull();

    [Fact]
    public void A_ticket_cannot_be_made_to_say_something_else()
    {
        var parts = _ticket.Sign(Key, _now).Split('.');
        foreach (var (part, changed) in new[] { (0, $"{Guid.Empty:N}"), (1, $"{long.Parse(parts[1], null) + 1}"), (2, "999"), (3, "5e56"), (4, "x"), (5, parts[5][..^1]), (5, "") })
        {
            string[] forged = [.. parts];
            forged[part] = changed;
            ConnectTicket.Verify(Key, string.Join('.', forged), _now).ShouldBeNull(changed);
        }

        ConnectTicket.Verify(Key, string.Join('.', parts), _now).ShouldBe(_ticket);
    }

    [Fact]
    public void A_ticket_for_nobodys_session_is_refused() =>
        ConnectTicket.Verify(Key, new ConnectTicket(_subscription, "").Sign(Key, _now), _now).ShouldBeNull();

    [Fact]
    public void No_two_tickets_are_the_same() =>
        _ticket.Sign(Key, _now).ShouldNotBe(_ticket.Sign(Key, _now));

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("..")]
    [InlineData("x.y.z")]
    [InlineData("u.v.w.x.y.z")]
    [InlineData("11111111222233334444555555555555.-5.0.5e55.r.x")]
    [InlineData("11111111222233334444555555555555.99999999999999999999.0.5e55.r.x")]
    public void What_is_no_ticket_is_refused(string? ticket) => ConnectTicket.Verify(Key, ticket, _now).ShouldBeNull();
}
