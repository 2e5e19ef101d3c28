namespace Middlebox.Appliance.Commands.Lab.Experiments;

/// <summary>What an experiment has shown.</summary>
internal interface IExperimentReport
{
    /// <summary>Whether everything was as it must be.</summary>
    bool Holds { get; }

    /// <summary>What is written as JSON; its names are a contract.</summary>
    object Json { get; }

    /// <summary>The report for people.</summary>
    Task WriteAsync(TextWriter output);
}
