using System.CommandLine;

namespace Middlebox.Appliance.Commands.Lab.Elements;

/// <summary><c>middlebox lab element</c>: the programs of foreign middleboxes and links in a lab. Labs start them; people need not.</summary>
internal sealed class LabElementCommand : Command
{
    public LabElementCommand()
        : base("element", "Do to packets what a foreign middlebox or a slow link does")
    {
        Hidden = true;
        Add(new StripOptionsCommand());
        Add(new EmulateLinksCommand());
    }
}
