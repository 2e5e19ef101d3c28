using System.CommandLine;
using Middlebox.Appliance;
using Middlebox.Appliance.Commands;
using Middlebox.Appliance.Commands.Bench;
using Middlebox.Appliance.Commands.Config;
using Middlebox.Appliance.Commands.Demo;
using Middlebox.Appliance.Commands.Lab;
using Middlebox.Appliance.Commands.Top;

var root = new RootCommand(
    "Middlebox makes Multipath TCP usable where only one of two peers speaks it: an inline appliance that steps in only when needed.")
{
    new RunCommand(),
    new KeepCommand(),
    new UpgradeCommand(),
    new CheckCommand(),
    new StatusCommand(),
    new FlowsCommand(),
    new ServersCommand(),
    new TopCommand(),
    new ConfigCommand(),
    new ExplainCommand(),
    new TraceCommand(),
    new VerifyProxyCommand(),
    new LabCommand(),
    new DemoCommand(),
    new BenchCommand(),
};
HelpWithExamples.Install(root);
var command = root.Parse(args);
using var signals = new TerminationSignals();
var exitCode = await command.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }, signals.Token);

// The library ends with 1 for a command line that it could not parse; here that means that something failed.
return command.Errors.Count > 0 ? ExitCode.Usage : exitCode;
