namespace Middlebox.Appliance.Commands.Lab.Experiments.Mobility;

/// <summary>Bytes that the client's devices had carried at a time.</summary>
/// <param name="At">Since the trace began.</param>
/// <param name="WifiDown">Towards the client over Wi-Fi.</param>
/// <param name="WifiUp">From it over Wi-Fi.</param>
/// <param name="CellularDown">Towards it over cellular.</param>
/// <param name="CellularUp">From it over cellular.</param>
internal readonly record struct PathSample(TimeSpan At, long WifiDown, long WifiUp, long CellularDown, long CellularUp);
