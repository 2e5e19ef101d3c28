using System.CommandLine;
using Middlebox.Appliance.Commands.Lab.Elements;

namespace Middlebox.Appliance.Commands.Lab;

/// <summary><c>middlebox lab</c>: networks in namespaces of this machine to try the appliance in.</summary>
internal sealed class LabCommand : Command
{
    public LabCommand()
        : base("lab", "Build networks in namespaces of this machine, with boxes, clients and servers, to try things in")
    {
        Add(new LabUpCommand());
        Add(new LabDownCommand());
        Add(new LabExecCommand());
        Add(new LabListCommand());
        Add(new LabRunCommand());
        Add(new LabTraceCommand());
        Add(new LabElementCommand());
    }
}
