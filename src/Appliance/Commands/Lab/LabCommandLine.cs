using System.CommandLine;
using Middlebox.Lab;
using Middlebox.Lab.Topologies;

namespace Middlebox.Appliance.Commands.Lab;

/// <summary>What the commands of <c>middlebox lab</c> share: options, exit codes and how errors are told.</summary>
internal static class LabCommandLine
{
    public const int Success = 0;
    public const int Failure = 1;
    public const int Usage = 2;

    /// <summary>A new <c>--configs</c> option.</summary>
    public static Option<string?> Configurations() => new("--configs")
    {
        Description = "Directory of configurations, with the topologies in \"labs\" below it",
        HelpName = "DIR",
    };

    /// <summary>A new <c>--instance</c> option.</summary>
    public static Option<string?> Instance(string description) => new("--instance")
    {
        Description = description,
        HelpName = "I",
    };

    /// <summary>Runs a command and turns its exceptions into one message and an exit code.</summary>
    public static async Task<int> GuardAsync(ParseResult command, Func<Task<int>> action)
    {
        var error = command.InvocationConfiguration.Error;
        try
        {
            return await action();
        }
        catch (Exception exception) when (exception is TopologyException or UsageException or DirectoryNotFoundException)
        {
            await error.WriteLineAsync(exception.Message);
            return Usage;
        }
        catch (Exception exception) when (exception is LabException or TimeoutException or IOException)
        {
            await error.WriteLineAsync(exception.Message);
            return Failure;
        }
        catch (OperationCanceledException)
        {
            await error.WriteLineAsync("Interrupted.");
            return Failure;
        }
    }

    /// <summary>The instance that a command is about: the one named, else the only one that is up.</summary>
    /// <exception cref="UsageException">There is none of that name, or the choice is not clear.</exception>
    public static LabInstance Select(string? name)
    {
        var instances = Laboratory.Existing();
        if (name is not null)
        {
            return instances.FirstOrDefault(instance => instance.Name == name)
                ?? throw new UsageException($"Lab {name} is not up: {Choices(instances)}");
        }
        return instances.Count == 1
            ? instances[0]
            : throw new UsageException(instances.Count == 0
                ? "No lab is up: run \"middlebox lab up NAME\"."
                : $"Several labs are up: name one of {string.Join(", ", instances.Select(instance => instance.Name))}.");
    }

    private static string Choices(IReadOnlyList<LabInstance> instances) => instances.Count == 0
        ? "none is; run \"middlebox lab up NAME\"."
        : $"use one of {string.Join(", ", instances.Select(instance => instance.Name))}.";
}
