using Middlebox.Lab;
using Middlebox.Native.Namespaces;

namespace Middlebox.Appliance.Commands.Soak;

/// <summary>Does one thing after the other to a lab with a kept box, and undoes it.</summary>
/// <param name="lab">The lab.</param>
/// <param name="box">The box's host.</param>
/// <param name="configuration">Its configuration file, which is written anew for reloads.</param>
/// <param name="all">What is done, in turns.</param>
internal sealed class SoakFaults(Laboratory lab, LabHost box, string configuration, IReadOnlyList<SoakFault> all)
{
    private static readonly TimeSpan Between = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Outage = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan Lossy = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly string _original = File.ReadAllText(configuration);
    private int _reloads;

    /// <summary>What was done so far, and how often.</summary>
    public Dictionary<SoakFault, int> Done { get; } = [];

    /// <summary>Goes on until it is enough.</summary>
    /// <param name="began">Told of each fault as it begins.</param>
    /// <param name="isEnough">Asked before each.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task RunAsync(Action<SoakFault> began, Func<bool> isEnough, CancellationToken cancellation)
    {
        for (var number = 0; ; number++)
        {
            await Task.Delay(Between, cancellation);
            if (isEnough() || all.Count == 0)
                return;
            var fault = all[number % all.Count];
            began(fault);
            await DoAsync(fault, cancellation);
            Done[fault] = Done.GetValueOrDefault(fault) + 1;
        }
    }

    private Task DoAsync(SoakFault fault, CancellationToken cancellation) => fault switch
    {
        SoakFault.WifiCut => CutAsync("wifi", cancellation),
        SoakFault.LteCut => CutAsync("lte", cancellation),
        SoakFault.Loss => LoseAsync(cancellation),
        SoakFault.Reload => ReloadAsync(cancellation),
        _ => KillAsync(cancellation),
    };

    private async Task CutAsync(string link, CancellationToken cancellation)
    {
        await lab.CutAsync(link, cancellation);
        await Task.Delay(Outage, cancellation);
        await lab.RestoreAsync(link, cancellation);
    }

    private async Task LoseAsync(CancellationToken cancellation)
    {
        await RuleAsync("-I", cancellation);
        await Task.Delay(Lossy, cancellation);
        await RuleAsync("-D", cancellation);
    }

    private async Task RuleAsync(string action, CancellationToken cancellation)
    {
        foreach (var tool in (string[])["iptables", "ip6tables"])
        {
            (await lab["client"].RunAsync(
                [tool, "-w", "-t", "raw", action, "PREROUTING", "-i", "wifi", "-m", "statistic", "--mode", "random", "--probability", "0.03", "-j", "DROP"],
                null,
                cancellation)).RequireSuccess();
        }
    }

    // Another rule each time, so that there is something to change.
    private async Task ReloadAsync(CancellationToken cancellation)
    {
        var isChanged = ++_reloads % 2 == 1;
        await File.WriteAllTextAsync(configuration, isChanged
            ? _original.Replace("\"Rules\": []", "\"Rules\": [ { \"Ports\": \"9\", \"Action\": \"Bypass\" } ]", StringComparison.Ordinal)
            : _original, cancellation);
        if (box.BoxProcessId is { } process)
            ProcessControl.Send(process, ProcessSignal.HangUp);
    }

    private async Task KillAsync(CancellationToken cancellation)
    {
        if (box.DaemonProcessId is not { } daemon)
            return;
        ProcessControl.Send(daemon, ProcessSignal.Kill);
        await Condition.WaitAsync(() => box.DaemonProcessId is { } next && next != daemon, Patience, "the next daemon is there", cancellation);
        await box.WaitUntilServingAsync(cancellation);
    }
}
