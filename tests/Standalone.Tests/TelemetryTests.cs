using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using HubSpotBus.ServiceDefaults;
using HubSpotBus.Testing;
using MassTransit.Logging;
using Shouldly;
using Xunit;

namespace HubSpotBus.Standalone.Tests;

/// <summary>What an operator sees from outside: one trace for a record's whole way, and the numbers to watch.</summary>
public sealed class TelemetryTests
{
    [Fact]
    public async Task One_trace_leads_from_the_API_request_through_the_messages_to_the_calls_of_HubSpot()
    {
        await using var installation = await AnInstallation.ConnectedAsync();
        var seen = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is "System.Net.Http" or "Microsoft.AspNetCore" or "test"
                or ServiceDefaultsExtensions.TelemetryName or "HubSpotBus.Outbox" or DiagnosticHeaders.DefaultListenerName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = seen.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        using var source = new ActivitySource("test");

        using var request = source.StartActivity("an order comes in").ShouldNotBeNull();
        await CallBudgetTests.PutAsync(installation, "products", "P1", Shop.Product("P1", "SKU-1"));
        await CallBudgetTests.PutAsync(installation, "transactions", "T1", Shop.Transaction("T1", null, Shop.Line("1", "SKU-1", 1, 10)));
        await installation.SettledAsync();

        var hubSpot = installation.Simulator.BaseAddress.Authority;
        bool IsHubSpotCall(Activity a, string path) => a.TraceId == request.TraceId && a.Source.Name == "System.Net.Http"
            && a.GetTagItem("url.full")?.ToString() is { } url && url.Contains(hubSpot, StringComparison.Ordinal) && url.Contains(path, StringComparison.Ordinal);
        // The call's way back, up to the request. A step that is still open is not seen yet.
        List<Activity> Way(string path)
        {
            var byId = seen.Where(a => a.TraceId == request.TraceId).ToDictionary(a => a.SpanId);
            var way = new List<Activity>();
            for (var step = seen.FirstOrDefault(a => IsHubSpotCall(a, path)); step is not null; step = byId.GetValueOrDefault(step.ParentSpanId))
                way.Add(step);
            return way;
        }

        foreach (var path in new[] { "orders/batch/create", "line_items/batch/create" })
        {
            await ServiceUnderTest.UntilAsync(
                () => Task.FromResult(Way(path) is [.., var first] && first.ParentSpanId == request.SpanId),
                $"the call {path} leads back to the request, step by step");
            var sources = Way(path).Select(a => a.Source.Name).ToList();
            sources.ShouldContain(DiagnosticHeaders.DefaultListenerName);
            sources.ShouldContain("Microsoft.AspNetCore");
        }
    }

    [Fact]
    public async Task The_oldest_waiting_slots_error_queue_calls_and_429s_are_measured()
    {
        await using var installation = await AnInstallation.ConnectedAsync();
        var measured = new ConcurrentDictionary<string, double>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, self) =>
            {
                if (instrument.Meter.Name == ServiceDefaultsExtensions.TelemetryName)
                    self.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<int>((instrument, value, _, _) => measured[instrument.Name] = value);
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => measured[instrument.Name] = value);
        listener.SetMeasurementEventCallback<double>((instrument, value, _, _) => measured[instrument.Name] = value);
        listener.Start();
        installation.Simulator.Faults.Add(new HubSpotSimulator.Faults.Fault
        {
            Match = new HubSpotSimulator.Faults.FaultMatch { Kind = "products.batch.create" }, Status = 429, Times = 1,
        });

        await CallBudgetTests.PutAsync(installation, "products", "P1", Shop.Product("P1", "SKU-1"));
        await installation.SettledAsync();
        listener.RecordObservableInstruments();

        foreach (var name in new[]
        {
            "hubspotbus.transfers.oldest_waiting", "hubspotbus.batch_executions.slots_held", "hubspotbus.dead_letters",
            "hubspotbus.egress.calls", "hubspotbus.egress.refused", "hubspotbus.egress.oldest_waiting",
        })
            measured.Keys.ShouldContain(name);
        measured["hubspotbus.egress.refused"].ShouldBe(1);
        measured["hubspotbus.dead_letters"].ShouldBe(0);
    }
}
