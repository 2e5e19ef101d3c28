using Middlebox.Lab.Topologies;
using Middlebox.Native.Namespaces;

namespace Middlebox.Lab.Tests.Lab;

public sealed class LaboratoryTests : LabFixture
{
    [Test]
    public async Task Down_leaves_no_namespace_no_process_and_no_file()
    {
        var lab = await UpAsync("one-proxy");
        var processes = lab.Hosts.Select(host => host.Start("sleep", "1000")).ToList();
        Assert.That(Traces(lab.InstanceName), Is.Not.Empty);

        await lab.DownAsync();

        Assert.That(Traces(lab.InstanceName), Is.Empty);
        Assert.That(Commands(lab.InstanceName), Is.Empty);
        Assert.That(Laboratory.Existing().Select(instance => instance.Name), Does.Not.Contain(lab.InstanceName));
        Assert.That(processes, Has.Count.EqualTo(5));
    }

    [Test]
    public async Task Down_does_nothing_the_second_time()
    {
        var lab = await UpAsync("one-proxy", new LabOptions { StartServers = false });

        await lab.DownAsync();

        await Assert.DoesNotThrowAsync(() => lab.DownAsync());
        await Assert.DoesNotThrowAsync(() => Laboratory.DownAsync(lab.InstanceName));
    }

    [Test]
    public async Task Two_instances_of_one_topology_run_side_by_side()
    {
        var labs = await Task.WhenAll(UpAsync("one-proxy"), UpAsync("one-proxy"));

        foreach (var lab in labs)
        {
            var answer = await lab["client"].RunAsync("curl", "-sS", "http://198.18.10.2/whoami");
            Assert.That(answer.RequireSuccess(), Does.StartWith("198.18.1.2 "));
        }
        await labs[0].DownAsync();
        var other = await labs[1]["client"].RunAsync("curl", "-sS", "http://198.18.10.2/whoami");
        Assert.That(other.ExitCode, Is.Zero);
    }

    [Test]
    public async Task An_instance_name_is_taken_while_its_lab_is_up()
    {
        var lab = await UpAsync("one-proxy", new LabOptions { StartServers = false });

        var exception = await Assert.ThrowsAsync<LabException>(() => Laboratory.UpAsync(lab.Topology,
            new LabOptions { InstanceName = lab.InstanceName, StartBoxes = false }));

        Assert.That(exception!.Message, Does.Contain($"middlebox lab down {lab.InstanceName}"));
        Assert.That((await lab["client"].RunAsync("true")).ExitCode, Is.Zero);
    }

    [Test]
    public async Task Down_by_name_removes_what_a_killed_process_left()
    {
        var lab = await UpAsync("one-proxy");
        lab["router"].Start("sleep", "1000");
        File.Delete($"/run/middlebox-lab/{lab.InstanceName}/state.json");
        Assert.That(Laboratory.Existing().Select(instance => instance.Name), Does.Contain(lab.InstanceName));

        await Laboratory.DownAsync(lab.InstanceName);

        Assert.That(Traces(lab.InstanceName), Is.Empty);
        Assert.That(Commands(lab.InstanceName), Is.Empty);
    }

    [Test]
    public async Task A_topology_that_the_kernel_refuses_leaves_nothing()
    {
        var topology = TopologyLoader.Load(ShippedTopologies.PathOf("one-proxy"));
        var refused = topology with
        {
            Hosts = [.. topology.Hosts.Select(host => host with { CongestionControl = "no-such-algorithm" })],
        };
        var name = NewInstanceName();

        var exception = await Assert.ThrowsAsync<LabException>(
            () => Laboratory.UpAsync(refused, new LabOptions { InstanceName = name, StartBoxes = false }));

        Assert.That(exception!.Message, Does.Contain("net.ipv4.tcp_congestion_control"));
        Assert.That(Traces(name), Is.Empty);
    }

    [Test]
    public async Task A_box_that_ends_at_its_start_is_reported_with_its_log()
    {
        var topology = TopologyLoader.Load(ShippedTopologies.PathOf("one-proxy"));
        var name = NewInstanceName();

        // Any program that knows no "run --config FILE" will do.
        var exception = await Assert.ThrowsAsync<LabException>(() => Laboratory.UpAsync(topology,
            new LabOptions { InstanceName = name, MiddleboxPath = "/bin/ls", StartServers = false }));

        Assert.That(exception!.Message, Does.Contain("appliance on box ended with code 2").And.Contain("--config"));
        Assert.That(Traces(name), Is.Empty);
    }

    [Test]
    public async Task Every_host_has_its_congestion_control_and_its_forwarding()
    {
        var lab = await UpAsync("three-proxies", new LabOptions { StartServers = false });

        foreach (var host in lab.Hosts)
        {
            var settings = await host.RunAsync("sysctl", "-n",
                "net.ipv4.tcp_congestion_control", "net.ipv4.ip_forward", "net.ipv6.conf.all.forwarding");
            var forwarding = host.Description.Forwarding ? "1" : "0";
            Assert.That(settings.Output, Is.EqualTo($"reno\n{forwarding}\n{forwarding}\n"));
        }
    }

    private static IEnumerable<string> Traces(string instance) =>
        new[] { NetworkNamespace.MountDirectory, "/run/middlebox-lab", "/dev/shm/middlebox-lab" }
            .Where(Directory.Exists)
            .SelectMany(directory => Directory.EnumerateFileSystemEntries(directory))
            .Where(path => Path.GetFileName(path) == instance
                || Path.GetFileName(path).StartsWith($"mb-{instance}-", StringComparison.Ordinal));

    private static IEnumerable<string> Commands(string instance) =>
        Directory.EnumerateDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0]))
            .Select(ReadCommand).Where(command => command.Contains($"/{instance}/", StringComparison.Ordinal));

    private static string ReadCommand(string process)
    {
        try
        {
            return File.ReadAllText(Path.Combine(process, "cmdline"));
        }
        catch (IOException)
        {
            return "";
        }
    }
}
