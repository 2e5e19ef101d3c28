using System.CommandLine;
using Middlebox.Appliance.Commands;
using Middlebox.Appliance.Commands.Lab;

var root = new RootCommand(
    "Middlebox makes Multipath TCP usable where only one of two peers speaks it: an inline appliance that steps in only when needed.")
{
    new RunCommand(),
    new CheckCommand(),
    new StatusCommand(),
    new FlowsCommand(),
    new LabCommand(),
};
return await root.Parse(args).InvokeAsync();
