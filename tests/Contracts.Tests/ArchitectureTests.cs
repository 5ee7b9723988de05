using System.Reflection;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Shouldly;
using Xunit;

namespace HubSpotBus.Contracts.Tests;

public sealed partial class ArchitectureTests
{
    private static readonly string[] Services = ["Hub", "Auth", "Mapping", "Customer", "ProductPrerequisite", "Transaction"];

    [Theory]
    [InlineData("Hub")]
    [InlineData("Auth")]
    [InlineData("Mapping")]
    [InlineData("Customer")]
    [InlineData("ProductPrerequisite")]
    [InlineData("Transaction")]
    public void A_service_references_no_other_service(string service) =>
        ProjectReferences($"services/{service}/{service}.csproj").Intersect([.. Services, "HubSpotSimulator", "Standalone"]).ShouldBeEmpty();

    [Fact]
    public void Contracts_reference_nothing()
    {
        var project = XDocument.Load(Path.Combine(Repository.Root, "contracts", "Contracts.csproj"));

        project.Descendants("ProjectReference").ShouldBeEmpty();
        project.Descendants("PackageReference").ShouldBeEmpty();
        Assembly.Load("HubSpotBus.Contracts").GetReferencedAssemblies().Select(a => a.Name!)
            .Where(name => !name.StartsWith("System.", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void The_simulator_shares_no_type_with_anybody() =>
        ProjectReferences("services/HubSpotSimulator/HubSpotSimulator.csproj").ShouldBeEmpty();

    [Fact]
    public void ServiceDefaults_know_no_word_of_the_contracts()
    {
        var words = Assembly.Load("HubSpotBus.Contracts").GetExportedTypes().Select(t => t.Name).ToHashSet();

        ProjectReferences("services/ServiceDefaults/ServiceDefaults.csproj").ShouldBeEmpty();
        foreach (var file in Repository.SourceFiles("services/ServiceDefaults").Where(f => f.EndsWith(".cs", StringComparison.Ordinal)))
            Word().Matches(File.ReadAllText(file)).Select(m => m.Value).Where(words.Contains).ShouldBeEmpty(file);
    }

    [Fact]
    public void No_service_knows_that_there_is_a_demo_or_a_simulator()
    {
        foreach (var folder in Services.Append("HubSpot").Append("ServiceDefaults").Append("Standalone").Select(s => $"services/{s}").Append("contracts"))
        {
            foreach (var file in Repository.SourceFiles(folder))
                ForbiddenWord().Matches(File.ReadAllText(file)).Select(m => m.Value).ShouldBeEmpty(file);
        }
    }

    [Fact]
    public void HubSpot_addresses_are_known_to_the_HubSpot_library_and_the_egress_only()
    {
        foreach (var service in Services.Where(s => s != "Auth"))
        {
            foreach (var file in Repository.SourceFiles($"services/{service}").Where(f => f.EndsWith(".cs", StringComparison.Ordinal)))
                File.ReadAllText(file).ShouldNotContain("crm/objects", customMessage: file);
        }
    }

    private static IEnumerable<string> ProjectReferences(string project) =>
        XDocument.Load(Path.Combine(Repository.Root, project)).Descendants("ProjectReference")
            .Select(r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value));

    [GeneratedRegex("[A-Za-z]+")]
    private static partial Regex Word();

    [GeneratedRegex("demo|simulat|northwind", RegexOptions.IgnoreCase)]
    private static partial Regex ForbiddenWord();
}
