using System.CommandLine;
using Middlebox.Appliance;
using Middlebox.Appliance.Commands;

var root = CommandTree.Create();
HelpWithExamples.Install(root);
var command = root.Parse(args);
using var signals = new TerminationSignals();
var exitCode = await command.InvokeAsync(new InvocationConfiguration { ProcessTerminationTimeout = null }, signals.Token);

// The library ends with 1 for a command line that it could not parse; here that means that something failed.
return command.Errors.Count > 0 ? ExitCode.Usage : exitCode;
