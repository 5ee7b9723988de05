using System.Net.Sockets;
using MassTransit;
using Microsoft.Data.Sqlite;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Shouldly;
using Xunit;

namespace HubSpotBus.ServiceDefaults.Tests;

public sealed class StoreFailuresTests
{
    [Fact]
    public void A_connection_that_is_lost_beneath_an_open_transaction_is_passing()
    {
        StoreFailures.IsPassing(new InvalidOperationException("Transaction is already completed")).ShouldBeTrue();
        StoreFailures.IsPassing(new InvalidOperationException("Sequence contains no elements")).ShouldBeFalse();
    }

    [Fact]
    public void A_conflict_is_one_though_a_saga_wraps_it()
    {
        var conflict = new DbUpdateConcurrencyException("changed meanwhile");
        StoreFailures.IsConflict(conflict).ShouldBeTrue();
        StoreFailures.IsConflict(new EventExecutionException("the event faulted", conflict)).ShouldBeTrue();
    }

    [Theory]
    [InlineData(2067, true)] // unique
    [InlineData(1555, true)] // primary key
    [InlineData(1299, false)] // not null
    [InlineData(787, false)] // foreign key
    public void Only_a_row_that_is_there_already_is_a_conflict_not_one_that_can_never_be_stored(int sqlite, bool conflict) =>
        StoreFailures.IsConflict(new DbUpdateException("not saved", new SqliteException("constraint failed", 19, sqlite))).ShouldBe(conflict);

    [Fact]
    public void A_database_that_is_away_is_no_conflict_and_passes()
    {
        var away = new DbUpdateException("not saved", new SocketException());
        StoreFailures.IsConflict(away).ShouldBeFalse();
        StoreFailures.IsPassing(new EventExecutionException("the event faulted", away)).ShouldBeTrue();
    }

    [Fact]
    public void A_database_that_starts_and_makes_no_sense_yet_passes_and_one_that_refuses_a_value_does_not()
    {
        StoreFailures.IsPassing(new NpgsqlException("Received unknown response E for SSLRequest (expecting S or N)")).ShouldBeTrue();
        StoreFailures.IsPassing(new PostgresException("value too long", "ERROR", "ERROR", "22001")).ShouldBeFalse();
    }

    [Fact]
    public void What_a_handler_throws_itself_is_neither()
    {
        var bug = new EventExecutionException("the event faulted", new InvalidOperationException("broken"));
        (StoreFailures.IsConflict(bug), StoreFailures.IsPassing(bug)).ShouldBe((false, false));
    }
}
