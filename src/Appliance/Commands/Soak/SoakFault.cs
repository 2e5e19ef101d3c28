namespace Middlebox.Appliance.Commands.Soak;

/// <summary>Something that is done to the box or the network under load.</summary>
internal enum SoakFault
{
    /// <summary>The first access is silent for a while.</summary>
    WifiCut,

    /// <summary>The second access is silent for a while.</summary>
    LteCut,

    /// <summary>Three packets of a hundred are lost on the first access for a while.</summary>
    Loss,

    /// <summary>The configuration changes.</summary>
    Reload,

    /// <summary>The serving process is killed.</summary>
    Kill,
}
