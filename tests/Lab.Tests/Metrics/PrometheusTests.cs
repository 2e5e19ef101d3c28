using System.Net.Sockets;
using System.Text.Json;
using System.Text.RegularExpressions;
using Middlebox.Lab.Tests.Serving;
using Middlebox.Lab.Topologies;

namespace Middlebox.Lab.Tests.Metrics;

/// <summary>Debian's Prometheus scrapes a box that serves, and knows afterwards what the box itself says.</summary>
public sealed partial class PrometheusTests() : ServingLabFixture("one-proxy")
{
    private const string Endpoint = "127.0.0.1:9464";
    private const string Server = "127.0.0.1:9090";

    protected override TimeSpan TestTimeout => TimeSpan.FromSeconds(90);

    protected override Topology Adapt(Topology shipped) => shipped with
    {
        Boxes = [.. shipped.Boxes.Select(box => box.WithSettings(
            new Dictionary<string, string> { ["Middlebox:Metrics:Endpoint"] = Endpoint }))],
    };

    [Test]
    public async Task Metrics_StandPromtoolsCheck()
    {
        await UseTheBoxAsync();
        var text = await GetAsync("/metrics");
        var check = await Box.RunAsync(["promtool", "check", "metrics"], text, Deadline);
        Assert.That(check.ExitCode, Is.Zero, check.Output + check.Error);
        Assert.That(check.Output + check.Error, Is.Empty);
    }

    [TestCase("dashboard.json")]
    [TestCase("alerts.yml")]
    public async Task ShippedFile_UsesMetricsThatExist(string file)
    {
        var exposed = Type().Matches(await GetAsync("/metrics")).Select(type => type.Groups["name"].Value).ToHashSet();
        var used = Metric().Matches(await File.ReadAllTextAsync(ShippedPath(file), Deadline)).Select(name => name.Value).Distinct().ToList();
        Assert.That(used, Has.Count.GreaterThan(5));
        Assert.That(used.Where(name => !exposed.Contains(Suffix().Replace(name, ""))), Is.Empty);
    }

    [Test]
    public async Task Alerts_StandPromtoolsCheck() =>
        (await Box.RunAsync("promtool", "check", "rules", ShippedPath("alerts.yml"))).RequireSuccess();

    [Test]
    public async Task Dashboard_IsJson_WithAQueryInEachPanel()
    {
        var dashboard = JsonElement.Parse(await File.ReadAllTextAsync(ShippedPath("dashboard.json"), Deadline));
        foreach (var panel in dashboard.GetProperty("panels").EnumerateArray())
            Assert.That(panel.GetProperty("targets").GetArrayLength(), Is.Positive, panel.GetProperty("title").GetString());
    }

    [Test]
    public async Task Prometheus_ScrapesWhatStatusSays()
    {
        await UseTheBoxAsync();
        var status = await IdleAsync();
        var directory = Directory.CreateDirectory(Path.Combine(Box.RuntimeDirectory, "prometheus")).FullName;
        var configuration = Path.Combine(directory, "prometheus.yml");
        await File.WriteAllTextAsync(
            configuration,
            $"global: {{ scrape_interval: 1s }}\nscrape_configs: [ {{ job_name: middlebox, static_configs: [ {{ targets: ['{Endpoint}'] }} ] }} ]\n",
            Deadline);
        var prometheus = Box.Start(
            "prometheus", $"--config.file={configuration}", $"--storage.tsdb.path={directory}/data", $"--web.listen-address={Server}");
        try
        {
            await Condition.WaitAsync(
                async () => await QueryAsync("up{job=\"middlebox\"}") == 1, TimeSpan.FromSeconds(40), "Prometheus has scraped the box", Deadline);
            Assert.That(await QueryAsync("middlebox_flows_started_total"), Is.EqualTo(status.TotalFlows));
            Assert.That(await QueryAsync("middlebox_flows_ended_total{end=\"finished\"}"), Is.EqualTo(status.Ended("finished")));
            Assert.That(
                await QueryAsync("middlebox_contexts_released_total{reason=\"adopted\"}"), Is.EqualTo(status.Released("adopted")));
            Assert.That(await QueryAsync("middlebox_flow_setup_seconds_count"), Is.EqualTo(status.TotalFlows));
            Assert.That(await QueryAsync("sum(middlebox_flow_duration_seconds_count)"), Is.EqualTo(status.TotalFlows));
            Assert.That(await QueryAsync("middlebox_relayed_bytes_total{direction=\"up\"}"), Is.GreaterThanOrEqualTo(status.TotalFlows));
            Assert.That(await QueryAsync("middlebox_rules_missing"), Is.Zero);
            Assert.That(await QueryAsync("middlebox_kernel_mptcp_total{counter=\"MPCapableACKRX\"}"), Is.Not.Zero);
        }
        catch (Exception)
        {
            TestContext.Out.WriteLine(prometheus.ReadLog());
            throw;
        }
    }

    [Test]
    public async Task Health_IsOk_UntilTheRulesAreGoneForGood()
    {
        Assert.That(await GetAsync("/healthz"), Is.EqualTo("ok\n"));
        (await Box.RunAsync("ip6tables", "-t", "mangle", "-F")).RequireSuccess();
        // Without the set there can be no rules, and one of another kind is in the way of it.
        (await Box.RunAsync("ip6tables", "-t", "mangle", "-X")).RequireSuccess();
        (await Box.RunAsync("ipset", "destroy", "MBX-SYN6")).RequireSuccess();
        (await Box.RunAsync("ipset", "create", "MBX-SYN6", "hash:net", "family", "inet6")).RequireSuccess();

        await Condition.WaitAsync(
            async () => (await GetAsync("/healthz", 503)).StartsWith("the rules of IPv6 are gone", StringComparison.Ordinal),
            TimeSpan.FromSeconds(15), "the box finds itself unwell", Deadline);
        (await Box.RunAsync("ipset", "destroy", "MBX-SYN6")).RequireSuccess();
        await Condition.WaitAsync(
            async () => await GetAsync("/healthz") == "ok\n", TimeSpan.FromSeconds(15), "it is well again", Deadline);
    }

    private static string ShippedPath(string file) =>
        Path.Combine(Path.GetDirectoryName(ShippedTopologies.PathOf("one-proxy"))!, "..", "grafana", file);

    private async Task UseTheBoxAsync()
    {
        using var connection = await ConnectAsync(AddressFamily.InterNetwork);
        await connection.GreetAsync(Deadline);
    }

    private async Task<string> GetAsync(string path, int status = 200)
    {
        var result = await Box.RunAsync(["curl", "-s", "-w", "\n%{http_code}", $"http://{Endpoint}{path}"], null, Deadline);
        var answer = result.RequireSuccess();
        return answer.EndsWith($"\n{status}", StringComparison.Ordinal) ? answer[..answer.LastIndexOf('\n')] : "";
    }

    /// <summary>The value of a query's one result; not a number as long as there is none.</summary>
    private async Task<double> QueryAsync(string query)
    {
        var result = await Box.RunAsync(
            ["curl", "-s", "-f", "-G", "--data-urlencode", $"query={query}", $"http://{Server}/api/v1/query"], null, Deadline);
        if (result.ExitCode != 0)
            return double.NaN;
        var results = JsonElement.Parse(result.Output).GetProperty("data").GetProperty("result");
        return results.GetArrayLength() == 0
            ? double.NaN
            : double.Parse(results[0].GetProperty("value")[1].GetString()!, System.Globalization.CultureInfo.InvariantCulture);
    }

    [GeneratedRegex(@"\bmiddlebox_[a-z_]+")]
    private static partial Regex Metric();

    [GeneratedRegex("^# TYPE (?<name>[a-z_]+) ", RegexOptions.Multiline)]
    private static partial Regex Type();

    // A histogram is exposed by parts, which have no TYPE of their own.
    [GeneratedRegex("_(bucket|sum|count)$")]
    private static partial Regex Suffix();
}
