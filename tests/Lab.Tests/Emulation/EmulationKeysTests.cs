using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Emulation;

[Parallelizable(ParallelScope.All)]
public sealed class EmulationKeysTests
{
    private const string All = """
        "rate": "8mbit", "loss": 0.01, "delay": "20ms", "jitter": "1.5ms", "burstLoss": { "share": 0.02, "packets": 8 },
        "reorder": 0.001, "duplicate": 0.002, "queue": 77, "seed": 5,
        "timeline": [ { "at": "1s", "up": false }, { "at": "2.5s", "up": true, "rate": "1mbit", "delay": "90ms" } ]
        """;

    [Test]
    public void Keys_of_a_link_become_the_behaviour_of_both_ends()
    {
        var link = Load(All).Links.Single();

        Assert.That(link.IsEmulated, Is.True);
        foreach (var end in new[] { link.Left, link.Right })
        {
            Assert.That(end.Behaviour, Is.EqualTo(new LinkBehaviour
            {
                Rate = new LinkRate(8_000_000),
                Loss = 0.01,
                Delay = TimeSpan.FromMilliseconds(20),
                Jitter = TimeSpan.FromMilliseconds(1.5),
                BurstLoss = new BurstLoss(0.02, 8),
                Reorder = 0.001,
                Duplicate = 0.002,
                Queue = 77,
            }));
            Assert.That(end.Emulation!.Seed, Is.EqualTo(5));
            Assert.That(end.Emulation.Timeline[1].ApplyTo(end.Emulation.Timeline[0].ApplyTo(end.Behaviour)),
                Is.EqualTo(end.Behaviour with { Rate = new LinkRate(1_000_000), Delay = TimeSpan.FromMilliseconds(90) }));
        }
    }

    [Test]
    public void Key_of_an_end_is_for_what_it_sends()
    {
        var link = Load("""  "delay": "20ms" """, end: """ , "delay": "5ms" """).Links.Single();

        Assert.That(link.Left.Behaviour.Delay, Is.EqualTo(TimeSpan.FromMilliseconds(5)));
        Assert.That(link.Right.Behaviour.Delay, Is.EqualTo(TimeSpan.FromMilliseconds(20)));
    }

    [Test]
    public void Rate_and_loss_alone_make_no_emulated_link() =>
        Assert.That(Load(""" "rate": "8mbit", "loss": 0.01 """).Links.Single().IsEmulated, Is.False);

    [TestCase(""" "delay": "20" """, "links.l.delay")]
    [TestCase(""" "delay": "2000h" """, "links.l.delay")]
    [TestCase(""" "jitter": 5 """, "links.l.jitter")]
    [TestCase(""" "queue": 0 """, "links.l.queue")]
    [TestCase(""" "reorder": 2 """, "links.l.reorder")]
    [TestCase(""" "burstLoss": { "share": 1, "packets": 3 } """, "links.l.burstLoss.share")]
    [TestCase(""" "burstLoss": { "share": 0.1 } """, "links.l.burstLoss.packets")]
    [TestCase(""" "timeline": [ { "up": true } ] """, "links.l.timeline[0].at")]
    [TestCase(""" "timeline": [ { "at": "2s" }, { "at": "1s" } ] """, "links.l.timeline[1].at")]
    [TestCase(""" "timeline": [ { "at": "2s", "speed": 1 } ] """, "links.l.timeline[0].speed")]
    [TestCase(""" "timeline": [ { "at": "2s", "rate": "fast" } ] """, "links.l.timeline[0].rate")]
    [TestCase(""" "trace": "no-such-file" """, "links.l.ends[0].trace")]
    public void What_cannot_be_used_is_named_by_its_key(string keys, string path)
    {
        var exception = Assert.Throws<TopologyException>(() => Load(keys))!;

        Assert.That(exception.Errors.Select(error => error.KeyPath), Does.Contain(path));
    }

    [TestCase("20ms", 20_000)]
    [TestCase("1.5s", 1_500_000)]
    [TestCase("250us", 250)]
    [TestCase("0ms", 0)]
    public void A_time_reads_and_prints_alike(string text, long microseconds)
    {
        Assert.That(LinkDuration.TryParse(text, out var duration), Is.True);
        Assert.That(duration, Is.EqualTo(TimeSpan.FromMicroseconds(microseconds)));
        Assert.That(LinkDuration.TryParse(LinkDuration.Format(duration), out var again) ? again : default, Is.EqualTo(duration));
    }

    private static Topology Load(string keys, string end = "") => TopologyLoader.Parse(
        $$"""
        {
          "description": "d",
          "hosts": { "a": {}, "b": {} },
          "links": {
            "l": {
              "ends": [
                { "host": "a", "device": "l", "addresses": ["198.18.1.2/24"] {{end}} },
                { "host": "b", "device": "l", "addresses": ["198.18.1.1/24"] }
              ],
              {{keys}}
            }
          }
        }
        """,
        "/etc/link.json");
}
