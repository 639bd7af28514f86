package stream

import "github.com/weir-logs/weir/sink/awsapi"

// Handlers joins the operations to the rows of the API, for a server.
func (s *Service) Handlers() awsapi.Service {
	table := &awsapi.Kinesis
	return awsapi.Service{
		Target:  awsapi.KinesisTarget,
		Signing: awsapi.KinesisSigning,
		Handlers: []awsapi.Handler{
			awsapi.Handle(table.CreateStream, s.CreateStream),
			awsapi.Handle(table.DeleteStream, s.DeleteStream),
			awsapi.Handle(table.DescribeStream, s.DescribeStream),
			awsapi.Handle(table.DescribeStreamSummary, s.DescribeStreamSummary),
			awsapi.Handle(table.ListStreams, s.ListStreams),
			awsapi.Handle(table.ListShards, s.ListShards),
			awsapi.Handle(table.PutRecord, s.PutRecord),
			awsapi.Handle(table.PutRecords, s.PutRecords),
			awsapi.Handle(table.GetShardIterator, s.GetShardIterator),
			awsapi.Handle(table.GetRecords, s.GetRecords),
		},
	}
}
