namespace Orrery.Grains.MetricsReporter;

/// <summary>The reports that are yet to be delivered, the oldest first. When it is full, the oldest is lost.</summary>
internal sealed class ReportBacklog
{
    /// <summary>An hour at the shortest interval.</summary>
    public const int Capacity = 120;

    private readonly LinkedList<Report> _reports = [];

    public int Count => _reports.Count;

    /// <summary>The reports that were lost because there were too many.</summary>
    public long Lost { get; private set; }

    /// <summary>Keeps a report, in its place: a new one, or one that was taken out and could not be delivered.</summary>
    public void Add(Report report)
    {
        var before = _reports.Last;
        while (before?.Value.Metrics.Timestamp > report.Metrics.Timestamp)
        {
            before = before.Previous;
        }

        if (before is null)
        {
            _reports.AddFirst(report);
        }
        else
        {
            _reports.AddAfter(before, report);
        }

        if (Count > Capacity)
        {
            _reports.RemoveFirst();
            Lost++;
        }
    }

    /// <summary>Takes the oldest out; null when there is none.</summary>
    public Report? Take()
    {
        var oldest = _reports.First?.Value;
        if (oldest is not null)
        {
            _reports.RemoveFirst();
        }

        return oldest;
    }
}
