namespace Middlebox.Appliance.Commands.Lab.Experiments;

/// <summary>Something that <c>middlebox lab run</c> can show: it raises the labs that it needs and takes them down.</summary>
internal interface IExperiment
{
    /// <summary>The word on the command line.</summary>
    string Name { get; }

    /// <summary>One line for the help.</summary>
    string Description { get; }

    /// <summary>Runs it.</summary>
    /// <param name="catalogue">Where its topologies are.</param>
    /// <param name="progress">Told in one line each what is being done.</param>
    /// <param name="cancellation">Ends it; no lab is left.</param>
    /// <exception cref="Middlebox.Lab.LabException">A lab could not be raised.</exception>
    Task<IExperimentReport> RunAsync(TopologyCatalogue catalogue, IProgress<string> progress, CancellationToken cancellation);
}
