using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Middlebox.Lab.Tests.Observation;
using Middlebox.Native.Namespaces;

namespace Middlebox.Lab.Tests.Explicit;

/// <summary>A configuration that is read again while the box serves: taken whole or refused whole.</summary>
public sealed class ReloadTests() : ReloadLabFixture("one-explicit")
{
    private const AddressFamily Family = AddressFamily.InterNetwork;
    private const string Taken = "198.18.1.1";
    private const int AnnouncedPort = 8684;

    [Test]
    public async Task Faulty_values_are_all_named_and_nothing_changes()
    {
        var log = await RefuseAsync(Box, () => ConfigurationOf(Box).Write(section =>
        {
            section["Mode"] = "Implicit";
            section["Policy"]!["Rules"] = new JsonArray(
                new JsonObject { ["Action"] = "Serve", ["Share"] = 1.5, ["Ports"] = "http" }, new JsonObject { ["Preference"] = 9 });
            section["Negotiation"] = new JsonObject { ["ServerTimeout"] = "00:00:00" };
        }));

        Assert.That(log, Does.Contain("Policy:Rules:0:Share").And.Contain("Policy:Rules:0:Ports").And.Contain("Policy:Rules:1:Action")
            .And.Contain("Policy:Rules:1:Preference").And.Contain("Negotiation:ServerTimeout"));
        await AssertStillExplicitAsync();
    }

    [Test]
    public async Task Unknown_keys_and_faulty_values_are_named_together()
    {
        var log = await RefuseAsync(Box, () => ConfigurationOf(Box).Write(section =>
        {
            section["Colour"] = "red";
            section["Policy"]!["Rules"] = new JsonArray(new JsonObject { ["Action"] = "Serve", ["Share"] = 1.5 });
        }));

        Assert.That(log, Does.Contain("Colour").And.Contain("Policy:Rules:0:Share"));
        await AssertStillExplicitAsync();
    }

    [Test]
    public async Task Text_that_is_no_JSON_is_refused()
    {
        var log = await RefuseAsync(Box, () => ConfigurationOf(Box).Write("{ \"Middlebox\": { \"Mode\": \"Implicit\""));

        Assert.That(log, Does.Contain("JSON"));
        await AssertStillExplicitAsync();
    }

    [Test]
    public async Task A_key_that_needs_a_restart_is_refused_with_all_that_could_change()
    {
        var log = await RefuseAsync(Box, () => ConfigurationOf(Box).Write(section =>
        {
            section["Mode"] = "Implicit";
            section["Interceptor"] = new JsonObject { ["Queues"] = 2 };
        }));

        Assert.That(log, Does.Contain("Interceptor:Queues").And.Contain("middlebox upgrade"));
        await AssertStillExplicitAsync();
    }

    [Test]
    public async Task What_the_kernel_refuses_leaves_the_rules_as_they_were()
    {
        var rules = await OwnRulesAsync(Box);
        var endpoints = (await Box.RunAsync("ip", "mptcp", "endpoint", "show")).RequireSuccess();

        // Somebody else listens at the second of these addresses; the first one has been announced by then.
        using var taken = Box.CreateTcpSocket(Family, mptcp: false);
        taken.Bind(new IPEndPoint(IPAddress.Parse(Taken), AnnouncedPort));
        taken.Listen();
        var log = await RefuseAsync(Box, () => ConfigurationOf(Box).Write(section =>
        {
            section["Mode"] = "Implicit";
            section["ProxyEngine"] = new JsonObject { ["AnnouncedAddresses"] = new JsonArray("198.18.3.2", Taken) };
        }));

        Assert.That(log, Does.Contain(Taken));
        Assert.That(await OwnRulesAsync(Box), Is.EqualTo(rules));
        Assert.That((await Box.RunAsync("ip", "mptcp", "endpoint", "show")).RequireSuccess(), Is.EqualTo(endpoints));
        await AssertStillExplicitAsync();
    }

    [Test]
    public async Task An_address_of_nobody_is_refused()
    {
        var log = await RefuseAsync(Box, () => ConfigurationOf(Box).Write(section =>
        {
            section["Mode"] = "Implicit";
            section["ProxyEngine"] = new JsonObject { ["AnnouncedAddresses"] = new JsonArray("198.18.99.99") };
        }));

        Assert.That(log, Does.Contain("198.18.99.99"));
        await AssertStillExplicitAsync();
    }

    [Test]
    public async Task SIGHUP_rolls_the_keys()
    {
        var keys = File.ReadAllText(Lab.ClaimKeyFile);
        var next = $"key 2 {Convert.ToHexString(RandomNumberGenerator.GetBytes(32))}\n";
        try
        {
            await ReloadAsync(Box, () =>
            {
                File.WriteAllText(Lab.ClaimKeyFile, keys.Replace("sign 1", $"{next}sign 2", StringComparison.Ordinal));
                ProcessControl.Send(Box.BoxProcessId!.Value, ProcessSignal.HangUp);
            });
            using var capture = new HandshakeCapture(Legacy);

            using var connection = await ConnectAsync(Family);
            await connection.GreetAsync(Deadline);

            var claim = (await capture.SynAsync(connection.ClientAddress.Port, Deadline)).Claim;
            Assert.That((claim.Length, claim[3]), Is.EqualTo((SignedClaim.SynLength, (byte)2)));
            Assert.That((await FlowAsync(subflows: 2)).IsMptcp, Is.True);
        }
        finally
        {
            File.WriteAllText(Lab.ClaimKeyFile, keys);
        }
    }

    [Test]
    public async Task A_key_file_that_others_may_read_is_refused()
    {
        File.SetUnixFileMode(Lab.ClaimKeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        try
        {
            var log = await RefuseAsync(Box, () => ProcessControl.Send(Box.BoxProcessId!.Value, ProcessSignal.HangUp));
            Assert.That(log, Does.Contain("Explicit:KeyFile").And.Contain("chmod 600"));
        }
        finally
        {
            File.SetUnixFileMode(Lab.ClaimKeyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }

        await AssertStillExplicitAsync();
    }

    private async Task AssertStillExplicitAsync()
    {
        var before = await Box.StatusAsync(Deadline);
        Assert.That(before.Mode, Is.EqualTo("explicit"));
        using var connection = await ConnectOverBothAccessesAsync(Family);
        Assert.That((await FlowAsync(subflows: 2)).Claim, Is.EqualTo(((int, int)?)(1, 4)));
        Assert.That((await Box.StatusAsync(Deadline)).Claims("claimed") - before.Claims("claimed"), Is.EqualTo(1));
    }
}
