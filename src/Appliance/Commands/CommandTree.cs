using System.CommandLine;
using Middlebox.Appliance.Commands.Bench;
using Middlebox.Appliance.Commands.Config;
using Middlebox.Appliance.Commands.Connect;
using Middlebox.Appliance.Commands.Demo;
using Middlebox.Appliance.Commands.Fuzz;
using Middlebox.Appliance.Commands.Lab;
using Middlebox.Appliance.Commands.Package;
using Middlebox.Appliance.Commands.Soak;
using Middlebox.Appliance.Commands.Top;

namespace Middlebox.Appliance.Commands;

/// <summary>All verbs, as help, manual page and completion describe them.</summary>
internal static class CommandTree
{
    public static RootCommand Create() => new(
        "Middlebox makes Multipath TCP usable where only one of two peers speaks it: an inline appliance that steps in only when needed.")
    {
        new RunCommand(),
        new KeepCommand(),
        new UpgradeCommand(),
        new RestoreCommand(),
        new CheckCommand(),
        new StatusCommand(),
        new FlowsCommand(),
        new ServersCommand(),
        new TopCommand(),
        new ConfigCommand(),
        new ExplainCommand(),
        new TraceCommand(),
        new VerifyProxyCommand(),
        new ConnectCommand(),
        new LabCommand(),
        new DemoCommand(),
        new BenchCommand(),
        new FuzzCommand(),
        new SoakCommand(),
        new PackageCommand(),
    };
}
