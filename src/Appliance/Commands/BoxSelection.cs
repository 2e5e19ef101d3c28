using System.CommandLine;
using Middlebox.Appliance.Control;
using Middlebox.Appliance.Options;

namespace Middlebox.Appliance.Commands;

/// <summary>The options that name a running box, <c>--name</c> and <c>--socket</c>, and how a failure to ask it is told.</summary>
internal sealed class BoxSelection
{
    private const string SocketDirectory = "/run/middlebox";

    private readonly Option<string?> _name = new("--name")
    {
        Description = "Name of the box; needed only if several run",
        HelpName = "N",
    };

    private readonly Option<string?> _socket = new("--socket")
    {
        Description = "Path of its control socket, if that is configured",
        HelpName = "PATH",
    };

    public void AddTo(Command command)
    {
        command.Add(_name);
        command.Add(_socket);
    }

    /// <summary>Finds the box and does something with its socket's path.</summary>
    public async Task<int> UseAsync(ParseResult command, Func<string, Task> ask)
    {
        try
        {
            await ask(SocketPath(command));
            return ExitCode.Success;
        }
        catch (ControlException failure)
        {
            await command.InvocationConfiguration.Error.WriteLineAsync(failure.Message);
            return ExitCode.Failure;
        }
    }

    private string SocketPath(ParseResult command)
    {
        if (command.GetValue(_socket) is { } socket)
            return socket;
        if (command.GetValue(_name) is { } name)
            return MiddleboxOptions.DefaultSocketPath(name);

        var found = Directory.Exists(SocketDirectory) ? Directory.GetFiles(SocketDirectory, "*.sock") : [];
        return found.Length switch
        {
            1 => found[0],
            0 => throw new ControlException(
                $"No box runs here: there is no control socket in {SocketDirectory}. Start one, or name its socket with --socket."),
            _ => throw new ControlException(
                $"Several boxes run here; choose with --name: {string.Join(", ", found.Select(Path.GetFileNameWithoutExtension).Order())}"),
        };
    }
}
