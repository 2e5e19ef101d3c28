using Middlebox.Lab.Topologies;
using Middlebox.Testing;

namespace Middlebox.Lab.Tests.Topologies;

/// <summary>Topology files that extend another one, in a directory of their own.</summary>
[Parallelizable(ParallelScope.All)]
[FixtureLifeCycle(LifeCycle.InstancePerTestCase)]
public sealed class TopologyExtensionTests : IDisposable
{
    private const string Base = """
        {
          "description": "base",
          "hosts": { "a": { "sysctls": { "net.ipv4.tcp_sack": 0 } }, "b": {} },
          "links": {
            "l": {
              "ends": [
                { "host": "a", "device": "d", "addresses": ["198.18.1.2/24"] },
                { "host": "b", "device": "d", "addresses": ["198.18.1.1/24"] }
              ]
            }
          },
          "boxes": { "b": { "configuration": "base.json", "set": { "Middlebox:Name": "one", "Middlebox:Mode": "Implicit" } } }
        }
        """;

    private readonly string _directory = Directory.CreateTempSubdirectory("middlebox-test-").FullName;

    public TopologyExtensionTests() => Write("base", Base);

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Test]
    public void Objects_are_merged_and_everything_else_is_the_base_s()
    {
        var topology = Load("""
            {
              "extends": "base",
              "description": "other",
              "hosts": { "a": { "sysctls": { "net.ipv4.tcp_ecn": 1 } } },
              "boxes": { "b": { "configuration": "extension.json", "set": { "Middlebox:Mode": "Explicit" } } }
            }
            """);

        Assert.That((topology.Name, topology.Description), Is.EqualTo(("extension", "other")));
        Assert.That(topology.Hosts[0].Sysctls.Keys, Is.EquivalentTo(new[] { "net.ipv4.tcp_sack", "net.ipv4.tcp_ecn" }));
        Assert.That(topology.Links.Single().Name, Is.EqualTo("l"));
        var box = topology.Boxes.Single();
        Assert.That(box.Configuration, Is.EqualTo(Path.Combine(_directory, "extension.json")));
        Assert.That(box.Settings, Is.EquivalentTo(
            new Dictionary<string, string> { ["Middlebox:Name"] = "one", ["Middlebox:Mode"] = "Explicit" }));
    }

    [TestCase("base.json")]
    [TestCase("extension.json")]
    [TestCase("box.json")]
    [TestCase("trace")]
    [CancelAfter(10_000)]
    public async Task A_FIFO_is_refused_and_not_waited_for(string name, CancellationToken deadline)
    {
        Write("extension", """
            {
              "extends": "base",
              "links": { "l": { "ends": [
                { "host": "a", "device": "d", "addresses": ["198.18.1.2/24"], "trace": "trace" },
                { "host": "b", "device": "d", "addresses": ["198.18.1.1/24"] }
              ] } },
              "boxes": { "b": { "configuration": "box.json" } }
            }
            """);
        var path = Path.Combine(_directory, name);
        File.Delete(path);
        Fifo.Make(path);

        var loading = Task.Run(() => TopologyLoader.Load(Path.Combine(_directory, "extension.json")), deadline).WaitAsync(deadline);

        var failure = await Assert.ThrowsAsync<TopologyException>(() => loading);
        Assert.That(failure!.Message, Does.Match($"(?s){name}.*it is a FIFO"));
    }

    [Test]
    public void An_extension_of_an_extension_has_what_both_add()
    {
        Write("middle", """{ "extends": "base", "description": "middle", "elements": { "a": "strip-options" } }""");

        var topology = Load("""{ "extends": "middle" }""");

        Assert.That(topology.Description, Is.EqualTo("middle"));
        Assert.That(topology.Elements, Is.EqualTo(new[] { new ElementPlacement("a", "strip-options") }));
    }

    [TestCase("""{ "extends": "nothing" }""", "extends", TestName = "No base")]
    [TestCase("""{ "extends": "../base" }""", "extends", TestName = "Base elsewhere")]
    [TestCase("""{ "extends": 3 }""", "extends", TestName = "Base that is no name")]
    [TestCase("""{ "extends": "extension" }""", "extends", TestName = "Itself")]
    [TestCase("""{ "extends": "base", "links": { "m": {} } }""", "links.m", TestName = "New link")]
    [TestCase("""{ "extends": "base", "links": { "l": { "delay": 3 } } }""", "links.l.delay", TestName = "Faulty key of a link")]
    [TestCase("""{ "extends": "base", "servers": {} }""", "servers", TestName = "Servers")]
    [TestCase("""{ "extends": "base", "hosts": { "c": {} } }""", "hosts.c", TestName = "New host")]
    [TestCase("""{ "extends": "base", "hosts": { "a": { "forwarding": 3 } } }""", "hosts.a.forwarding", TestName = "Faulty value")]
    [TestCase("""{ "extends": "base", "boxes": { "b": { "set": { "Mode": "x" } } } }""", "boxes.b.set.Mode", TestName = "Faulty setting")]
    [TestCase("""{ "extends": "base", "boxes": { "b": { "set": { "Middlebox:X": "{keys}" } } } }""", "boxes.b.set.Middlebox:X",
        TestName = "Unknown placeholder")]
    [TestCase("""{ "extends": "base", "elements": { "b": "strip-options" } }""", "elements.b", TestName = "Element beside a box")]
    [TestCase("""{ "extends": "base", "elements": { "a": "nat" } }""", "elements.a", TestName = "Unknown element")]
    public void A_mistake_is_named_by_its_key(string json, string path)
    {
        var exception = Assert.Throws<TopologyException>(() => Load(json));

        Assert.That(exception!.Errors.Select(error => error.KeyPath), Does.Contain(path), exception.Message);
        Assert.That(exception.Errors.Select(error => error.Remedy), Has.All.Not.Empty);
    }

    [Test]
    public void Files_that_extend_each_other_are_named()
    {
        Write("middle", """{ "extends": "extension" }""");

        var exception = Assert.Throws<TopologyException>(() => Load("""{ "extends": "middle" }"""));

        Assert.That(exception!.Message, Does.Contain("extension, middle, extension"));
    }

    [Test]
    public void A_base_that_is_no_JSON_is_named()
    {
        Write("middle", "{");

        var exception = Assert.Throws<TopologyException>(() => Load("""{ "extends": "middle" }"""));

        Assert.That(exception!.Message, Does.Contain("middle.json").And.Contain("JSON"));
    }

    private Topology Load(string json)
    {
        Write("extension", json);
        return TopologyLoader.Load(Path.Combine(_directory, "extension.json"));
    }

    private void Write(string name, string json) => File.WriteAllText(Path.Combine(_directory, $"{name}.json"), json);
}
