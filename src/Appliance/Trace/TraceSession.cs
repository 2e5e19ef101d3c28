using System.Text.Json;
using Middlebox.Appliance.Reports;
using Middlebox.Negotiation.History;

namespace Middlebox.Appliance.Trace;

/// <summary>Sends one tracer the decisions that it wants, as JSON lines, for as long as it listens. Runs on the thread pool.</summary>
internal sealed class TraceSession(
    string boxName, IReadOnlyList<DecisionHistory> histories, TraceTotals totals, TimeProvider time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(50);

    /// <summary>Answers one request, until the tracer hangs up or the box stops.</summary>
    /// <param name="stream">The tracer; what it says after its request is not looked at, only that it hangs up.</param>
    /// <param name="request">The words behind the verb: see <see cref="TraceFilter"/>.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task RunAsync(Stream stream, string request, CancellationToken cancellation)
    {
        if (!TraceFilter.TryParse(request, out var filter, out var problem))
        {
            await SendAsync(stream, new TraceReport(Error: problem), cancellation);
            return;
        }

        if (!totals.TryBegin())
        {
            await SendAsync(stream, new TraceReport(Error: $"{TraceTotals.MaximumTracers} tracers are at it already; end one"), cancellation);
            return;
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        try
        {
            _ = EndOnHangUpAsync(stream, ending);
            using var reader = new DecisionReader(histories, filter, time);
            await SendAsync(stream, new TraceReport(Tracing: boxName), ending.Token);
            using var timer = new PeriodicTimer(Interval);
            do
            {
                var decisions = reader.Read(out var lost);
                foreach (var decision in decisions)
                    await SendAsync(stream, new TraceReport(Decision: decision), ending.Token);
                if (lost > 0)
                {
                    totals.AddLost(lost);
                    await SendAsync(stream, new TraceReport(Lost: lost), ending.Token);
                }
            }
            while (await timer.WaitForNextTickAsync(ending.Token));
        }
        finally
        {
            totals.End();
            await ending.CancelAsync();
        }
    }

    private static async Task SendAsync(Stream stream, TraceReport line, CancellationToken cancellation)
    {
        var bytes = JsonSerializer.SerializeToUtf8Bytes(line, ReportJson.Sparse);
        await stream.WriteAsync((byte[])[.. bytes, (byte)'\n'], cancellation);
    }

    /// <summary>Without decisions nothing is written, and nothing would tell that nobody listens any more.</summary>
    private static async Task EndOnHangUpAsync(Stream stream, CancellationTokenSource ending)
    {
        try
        {
            var buffer = new byte[64];
            while (await stream.ReadAsync(buffer, ending.Token) > 0)
            {
            }

            await ending.CancelAsync();
        }
        catch (Exception failure) when (failure is OperationCanceledException or IOException or ObjectDisposedException)
        {
            // The session has ended, or ends now.
        }
    }
}
