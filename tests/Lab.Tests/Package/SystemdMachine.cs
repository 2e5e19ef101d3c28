using Middlebox.Native.Namespaces;

namespace Middlebox.Lab.Tests.Package;

/// <summary>
/// A machine with systemd as its first process, in the network namespace of a lab's host: what is installed there is installed for real, and nowhere else.
/// </summary>
internal sealed class SystemdMachine : IAsyncDisposable
{
    private static readonly string Script = Path.Combine(AppContext.BaseDirectory, "Package", "machine.sh");

    // What the system itself writes as it goes, and what dpkg, adduser and man keep of any package.
    private static readonly string[] OfTheSystem =
    [
        "/var/log/", "/var/lib/dpkg/", "/var/cache/", "/var/lib/systemd/", "/var/tmp/", "/etc/.pwd.lock", "/etc/passwd-", "/etc/group-", "/etc/shadow-",
        "/etc/gshadow-", "/etc/subuid-", "/etc/subgid-", "/etc/.updated", "/var/.updated",
    ];

    // In the layer a removed file is a character device (overlayfs). One that was written and is again as it was is no change.
    private const string Changes =
        """
        cd "$1"
        find . -type c -o -type l
        find . -type f | while read -r file; do cmp -s "$file" "/$file" || sha256sum "$file"; done
        """;

    private readonly LabHost _host;
    private readonly string _name;
    private readonly string _layer = Directory.CreateTempSubdirectory("mbx-machine-").FullName;
    private readonly BackgroundProcess _process;
    private int _first;

    private SystemdMachine(LabHost host, string name, string shared)
    {
        _host = host;
        _name = name;
        _process = host.Start("unshare", "--mount", "sh", Script, name, _layer, shared);
    }

    /// <summary>Everything that is told when a test fails.</summary>
    public string Console => _process.ReadLog();

    /// <param name="host">Whose network it has.</param>
    /// <param name="name">A name that no other machine has.</param>
    /// <param name="shared">A directory that it sees as /mnt.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static async Task<SystemdMachine> BootAsync(LabHost host, string name, string shared, CancellationToken cancellation)
    {
        var machine = new SystemdMachine(host, name, shared);
        try
        {
            await Condition.WaitAsync(machine.HasBootedAsync, TimeSpan.FromSeconds(30), "systemd has booted", cancellation);
            return machine;
        }
        catch (TimeoutException failure)
        {
            var console = machine.Console;
            await machine.DisposeAsync();
            throw new TimeoutException($"{failure.Message} {console}", failure);
        }
    }

    /// <summary>Runs a command line in it, by its own shell.</summary>
    public Task<CommandResult> TryAsync(string command, CancellationToken cancellation) => _host.RunAsync(
        [
            "nsenter", "--target", $"{_first}", "--mount", "--pid", "--ipc", "--uts", "--cgroup", "--root", "--wd",
            "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin", "sh", "-c", command,
        ],
        null,
        cancellation);

    /// <summary>The same, which must succeed; its output without the last line feed.</summary>
    public async Task<string> RunAsync(string command, CancellationToken cancellation) =>
        (await TryAsync(command, cancellation)).RequireSuccess().TrimEnd('\n');

    /// <summary>Every file that was changed or removed since it was booted, with a checksum of what is there now; without what the system itself keeps.</summary>
    public async Task<IReadOnlyList<string>> ChangesAsync(CancellationToken cancellation)
    {
        var files = (await _host.RunAsync(
            ["nsenter", "--target", $"{_first}", "--mount", "sh", "-c", Changes, "sh", $"{_layer}/upper"],
            null,
            cancellation)).Output;
        return
        [
            .. files.Split('\n', StringSplitOptions.RemoveEmptyEntries)
                .Where(line => !OfTheSystem.Any(path => line.Contains($".{path}", StringComparison.Ordinal)))
                .Order(StringComparer.Ordinal),
        ];
    }

    public async ValueTask DisposeAsync()
    {
        // With the first process go all others, and unshare ends when the last has gone.
        if (_first > 0)
            await _host.RunAsync("kill", "-KILL", $"{_first}");
        else
            _process.Signal(ProcessSignal.Kill);
        await _process.WaitForExitAsync();
        // Its control groups are empty now, and the deepest go first.
        (await _host.RunAsync(
            "unshare", "--mount", "sh", "-c", $"mount -t cgroup2 cgroup2 /mnt; find /mnt/{_name} -depth -type d -exec rmdir {{}} \\;")).RequireSuccess();
        Directory.Delete(_layer, recursive: true);
    }

    private async Task<bool> HasBootedAsync()
    {
        if (_process.HasExited)
            throw new TimeoutException("It has ended.");
        if (_first == 0)
        {
            var children = await _host.RunAsync("pgrep", "-P", $"{_process.Id}", "systemd");
            if (!int.TryParse(children.Output.Trim(), out _first))
                return false;
        }

        return (await TryAsync("systemctl is-system-running", CancellationToken.None)).Output.Trim() is "running" or "degraded";
    }
}
