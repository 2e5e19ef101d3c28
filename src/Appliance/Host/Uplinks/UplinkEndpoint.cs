namespace Middlebox.Appliance.Host.Uplinks;

/// <summary>An uplink that the kernel's path manager knows.</summary>
/// <param name="Id">Its id there.</param>
/// <param name="Uplink">As it was added, or changed last.</param>
/// <param name="Undo">What takes it away again.</param>
internal sealed record UplinkEndpoint(int Id, Uplink Uplink, UndoCommand Undo);
